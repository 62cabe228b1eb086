"""Recognition: requests become actions, by data (`sites/`) over typed extractors (`extract/`)."""

from guardrail.recognise.identities import Identities
from guardrail.recognise.index import SiteIndex
from guardrail.recognise.load import load_sites
from guardrail.recognise.together import Unread

__all__ = ["Identities", "SiteIndex", "Unread", "load_sites"]
