"""Who is who: normal forms, the matcher, least-churn naming, survivorship, completeness, masks. All pure."""

from huitou.core.identity.policy import DEFAULT_POLICY, Policy
from huitou.core.identity.resolve import FewRecord, FewValue, Resolution, resolve, resolve_few

__all__ = ["DEFAULT_POLICY", "FewRecord", "FewValue", "Policy", "Resolution", "resolve", "resolve_few"]
