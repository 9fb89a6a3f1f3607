"""Webhooks: addresses are told how a job ended.

    reach.py    which addresses may be told
    outbox.py   where notices lie in the store
    announce.py a job has ended: what is to be told becomes a notice
    sign.py     how a receiver knows that it comes from here
    courier.py  one try to deliver a notice

Who tries, and when, is workers' matter (workers/postman.py). A notice is a record in the store before the job leaves
`active/`, so it survives whoever dies, and Redis.
"""
