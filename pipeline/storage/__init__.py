"""Where bytes are kept: one small interface, `Store`, and one module per scheme.

    store = open_store("s3://films/out", StoreOptions(endpoint_url="http://seaweed:8333"))
    store.put("0001.png", data)

Torch-free, and boto3 is imported only when an s3:// store is opened.
"""

from pipeline.storage.base import Entry, Store
from pipeline.storage.options import StoreOptions
from pipeline.storage.races import Races, creates_atomically, race_creators
from pipeline.storage.urls import STORES, is_remote, open_store, split_url

__all__ = [
    "STORES",
    "Entry",
    "Races",
    "Store",
    "StoreOptions",
    "creates_atomically",
    "is_remote",
    "open_store",
    "race_creators",
    "split_url",
]
