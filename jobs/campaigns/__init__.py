"""Campaigns: job files that are made again and again, at the times of a cron expression.

    cron, zones, timetable   when: pure reckoning, no store and no clock
    occasion                 what {campaign}, {date} and {time} stand for
    records, book            what is written down of campaigns and their runs, and where
    enlist                   a job file becomes a campaign
    firing                   one run: planned, submitted, its end written down
    rounds                   which runs are due; what a scheduler does at each look
    order                    a run that people order, beside the schedule
    standing                 how campaigns stand, for people and scripts

The store holds the truth, as for jobs. A run is (campaign, time); whoever creates its record first fires it, so any
number of schedulers may look at once.
"""
