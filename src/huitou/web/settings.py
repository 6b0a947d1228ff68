"""Django settings; everything that differs between installations comes from the environment."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF

PACKAGE_DIR = Path(__file__).resolve().parent.parent
HOME_DIR = Path(os.environ.get("HUITOU_HOME", Path.cwd() / "var")).resolve()
HUITOU_DATA_DIR = Path(os.environ.get("HUITOU_DATA_DIR", HOME_DIR / "data")).resolve()
HUITOU_KEY_FILE = Path(os.environ.get("HUITOU_KEY_FILE", HOME_DIR / "keys" / "huitou.json")).resolve()
HUITOU_WATCH_DIR = os.environ.get("HUITOU_WATCH_DIR", "")  # files put there are imported; empty: none

DEBUG = False
os.environ.setdefault("NUMBA_CACHE_DIR", str(HOME_DIR / "cache" / "numba"))  # read when the matcher is first imported
ALLOWED_HOSTS = os.environ.get("HUITOU_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("HUITOU_ORIGINS", "").split(",") if origin]


def _secret_key() -> str:
    """The session key lies beside the key file; a missing one is replaced and ends all sessions."""
    path = HUITOU_KEY_FILE.with_name("session.key")
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(os.urandom(48).hex())
    return path.read_text()


SECRET_KEY = os.environ.get("HUITOU_SECRET_KEY") or _secret_key()

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "csp",
    "django_cotton.apps.SimpleAppConfig",
    "huitou.web",
    "huitou.apps.base",
    "huitou.apps.accounts",
    "huitou.apps.lists",
    "huitou.apps.products",
    "huitou.apps.customers",
    "huitou.apps.privacy",
    "huitou.apps.intake",
    "huitou.apps.identity",
    "huitou.apps.sales",
    "huitou.apps.behaviour",
    "huitou.apps.attributes",
    "huitou.apps.service",
    "huitou.apps.quality",
    "huitou.apps.tasks",
    "huitou.apps.value",
    "huitou.apps.recommend",
    "huitou.apps.relations",
    "huitou.apps.anomalies",
    "huitou.apps.segments",
    "huitou.apps.benefits",
    "huitou.apps.builds",
    "huitou.apps.gateway",
]
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MIDDLEWARE = [
    "huitou.web.watching.WatchMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "huitou.web.middleware.PageCompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "huitou.web.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "huitou.web.middleware.AccessLogMiddleware",
    "huitou.web.middleware.PolicyMiddleware",
    "axes.middleware.AxesMiddleware",
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
ROOT_URLCONF = "huitou.web.urls"
WSGI_APPLICATION = "huitou.web.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE_DIR / "web" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "huitou.web.context.frame",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "huitou.web.templatetags.huitou",
                "huitou.web.templatetags.parts",
            ],
        },
    }
]
COTTON_DIR = "components"


def _database() -> dict[str, object]:
    """SQLite in the data folder, or what HUITOU_DATABASE_URL names (postgresql://user:password@host:port/name)."""
    url = os.environ.get("HUITOU_DATABASE_URL", "")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HUITOU_DATA_DIR / "huitou.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # 64 MB of log between two checkpoints: each is a sync of log and file, and rewrites pages that change again soon
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=16000;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError(f"HUITOU_DATABASE_URL must start with postgresql://, got {parts.scheme}://")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 8}},
    }


DATABASES = {"default": _database()}

CACHES = {  # what one web process counted the others tell alike; `huitou serve` begins with none
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": HOME_DIR / "cache" / "kept",
        "OPTIONS": {"MAX_ENTRIES": 2_000},
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE_DIR / "web" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = HOME_DIR / "static"
STATICFILES_DIRS = [path for path in (PACKAGE_DIR / "web" / "assets",) if path.exists()]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MANIFEST_STRICT = False

LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "accounts:login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "huitou.apps.accounts.views.locked_out"
AXES_VERBOSE = False

DATA_UPLOAD_MAX_MEMORY_SIZE = 8 << 20  # bytes of a request without its files: 1,000 events of long receipts
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "huitou.web.sealed_uploads.SealedUploadHandler",  # past 2.5 MB, encrypted on the disk while the request runs
]
METRICS_TOKEN = os.environ.get("HUITOU_METRICS_TOKEN", "")  # empty: there is no /metrics
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "huitou.web.logs.JsonLines"}},
    "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["lines"], "level": os.environ.get("HUITOU_LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": ["lines"], "level": "WARNING", "propagate": False},
        "django.request": {"level": "ERROR"},  # refusals stand in the line of their request
        "huitou": {"handlers": ["lines"], "level": os.environ.get("HUITOU_LOG_LEVEL", "INFO"), "propagate": False},
    },
}

SECURE = os.environ.get("HUITOU_HTTPS", "") == "1"
# Behind TLS an installation is in earnest: administrators need the second factor. HUITOU_SECOND_FACTOR names other roles.
SECOND_FACTOR_ROLES = frozenset(os.environ.get("HUITOU_SECOND_FACTOR", "admin" if SECURE else "").split(",")) - {""}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
CSRF_FAILURE_VIEW = "huitou.web.errors.stale"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3_600  # a working day, then log in again
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
