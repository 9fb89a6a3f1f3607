"""`atelier drill`: hurts a deployment on purpose, and looks whether the film still comes out bit for bit.

    seeds.py       which troubles a round meets, and when: a pure function of its seed
    table.py       TROUBLES: every trouble, what it does, and how its recovery is measured
    troubles/      the troubles themselves, each a short story told by a generator
    scene.py       what a story sees and may do
    farm.py        the deployment that is hurt, built of redis_server, s3_server, proxy and children
    rounds.py      one round: submit, hurt, wait, compare
    compare.py     what a film has in common with the undisturbed one
    whole.py       whether it is what its own certificate says
    drill.py       the whole: an undisturbed run first, then the rounds
    report.py      what is said about it in the end

Workers are started as any machine starts them, as processes of their own: nothing here imports them.
"""
