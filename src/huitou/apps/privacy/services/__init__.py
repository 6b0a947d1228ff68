"""Writes of the privacy app."""

from huitou.apps.privacy.services.access_record import access_record
from huitou.apps.privacy.services.access_seal import access_seal
from huitou.apps.privacy.services.consent_record import ConsentRefused, consent_record
from huitou.apps.privacy.services.consents_take_over import KeptAnswer, consents_take_over
from huitou.apps.privacy.services.erasure_missing import missing_choose, missing_close
from huitou.apps.privacy.services.erasure_request import (
    ERASE_JOB,
    ErasureRefused,
    delay_save,
    erasure_cancel,
    erasure_request,
)
from huitou.apps.privacy.services.erasure_run import erasure_requests_import, erasures_run
from huitou.apps.privacy.services.exports import (
    CAMPAIGN,
    PURPOSES,
    ExportRefused,
    export_ask,
    export_decide,
    export_take,
    watermark,
    watermark_export,
)
from huitou.apps.privacy.services.person_copy import person_copy
from huitou.apps.privacy.services.person_erase import (
    PersonChanging,
    PersonNotFound,
    erasures_import,
    erasures_replay,
    person_erase,
)
from huitou.apps.privacy.services.reimports_flag import reimports_flag

__all__ = [
    "CAMPAIGN",
    "ERASE_JOB",
    "PURPOSES",
    "ConsentRefused",
    "ErasureRefused",
    "ExportRefused",
    "KeptAnswer",
    "PersonChanging",
    "PersonNotFound",
    "access_record",
    "access_seal",
    "consent_record",
    "consents_take_over",
    "delay_save",
    "erasure_cancel",
    "erasure_request",
    "erasure_requests_import",
    "erasures_import",
    "erasures_replay",
    "erasures_run",
    "export_ask",
    "export_decide",
    "export_take",
    "missing_choose",
    "missing_close",
    "person_copy",
    "person_erase",
    "reimports_flag",
    "watermark",
    "watermark_export",
]
