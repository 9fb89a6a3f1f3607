"""The dashboard and its HTTP API: what the command line shows and steers, in a browser and for programs.

    app.py        the application: which routes there are, and what surrounds them
    protocol.py, bodies.py, heads.py, headers.py, access.py, counted.py
                  what surrounds them: deadlines, bounds, headers, the log, metrics
    entry.py      who asks: bearer tokens, sessions of browsers, cross-site requests, limits
    problems.py   every error as application/problem+json
    farm.py       the records, ledger and queue that all requests share
    roster.py, cards.py, standing.py
                  which jobs there are, one in a list, and one by itself
    hub.py        one reading of the ledger for however many viewers
    receiving.py  uploads; borders.py: which folders job files may name
    walls.py, sources.py, thumbs.py, preview.py, gallery.py, delivered.py
                  frames, pictures and films; shelves.py keeps those that were made
    pages.py      the HTML pages; static/ is what they load, locales/ what they say
    wording.py    what the pages say, in each language
    api/          the routes, a module for each thing they are about
    serve.py      the process

A page holds nothing of its own: all it shows and does goes through the API.
"""
