"""The dashboard and its HTTP API: what the command line shows and steers, in a browser and for programs.

    app.py        the application: which routes there are, and what surrounds them
    farm.py       the records, ledger and queue that all requests share
    entry.py      who asks: bearer tokens, sessions of browsers, cross-site requests, limits
    problems.py   every error as application/problem+json
    hub.py        one reading of the ledger for however many viewers
    pages.py      the HTML pages; static/ is what they load, locales/ what they say
    wording.py    what the pages say, in each language
    api/          the routes, a module for each thing they are about
    serve.py      the process

A page holds nothing of its own: all it shows and does goes through the API.
"""
