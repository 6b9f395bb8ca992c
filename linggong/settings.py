"""All settings, in one file. The environment says what differs; the defaults run on one machine with no services.

LINGGONG_MODE   demo (pretend services, demo people), live (a county), test (set by conftest)
LINGGONG_DATA   the folder for database, keys, uploads and logs; default ./var
LINGGONG_ENGINE 1: match in memory (a city, a province); default 0: in the database
DATABASE_URL    default SQLite in LINGGONG_DATA; postgres://… in production
"""

import hashlib
import secrets
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from linggong.core.storage import why

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent

MODE = env.str("LINGGONG_MODE", "demo")
if MODE not in ("demo", "live", "test"):
    raise ImproperlyConfigured(f"LINGGONG_MODE is demo, live or test, not {MODE!r}")
DEMO = MODE == "demo"
DEBUG = env.bool("LINGGONG_DEBUG", False)
DATA_DIR = Path(env.str("LINGGONG_DATA", str(BASE_DIR / "var"))).resolve()
try:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(f"{DATA_DIR} 写不进去（{why(error)}）。换个地方：LINGGONG_DATA=… make run") from error


def _kept_secret(name: str) -> str:
    """A secret from the environment; in demo and test, one made at first start and kept in the data folder."""
    if value := env.str(f"LINGGONG_{name}", ""):
        return value
    if MODE == "test":
        return hashlib.sha256(name.encode()).hexdigest()
    kept = DATA_DIR / "keys" / name.lower()
    try:
        if not kept.exists():
            if MODE == "live" and not env.bool("LINGGONG_MAKE_KEYS", False):
                raise ImproperlyConfigured(
                    f"set LINGGONG_{name} (64 hex characters), or LINGGONG_MAKE_KEYS=1 to have keys made in {kept.parent}"
                )
            _write_secret(kept)
        return kept.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{kept} 用不了（{why(error)}）。换个地方：LINGGONG_DATA=… make run") from error


def _write_secret(kept: Path) -> None:
    """Whole or not at all: a half-written key would seal what no later start can open."""
    kept.parent.mkdir(mode=0o700, exist_ok=True)
    half = kept.with_suffix(".half")
    half.touch(mode=0o600)
    half.write_text(secrets.token_hex(32))
    half.replace(kept)


SECRET_KEY = _kept_secret("SECRET_KEY")
SEAL_KEY_ID = env.str("LINGGONG_SEAL_KEY_ID", "k1")
SEAL_KEYS = {SEAL_KEY_ID: _kept_secret("SEAL_KEY"), **env.json("LINGGONG_OLD_SEAL_KEYS", {})}
INDEX_KEY = _kept_secret("INDEX_KEY")

ALLOWED_HOSTS = env.list("LINGGONG_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("LINGGONG_ORIGINS", default=[])
SITE_URL = env.str("LINGGONG_SITE_URL", "http://127.0.0.1:8000")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "linggong.core.apps.CoreConfig",
    "linggong.reference.apps.ReferenceConfig",
    "linggong.accounts.apps.AccountsConfig",
    "linggong.workers.apps.WorkersConfig",
    "linggong.employers.apps.EmployersConfig",
    "linggong.venues.apps.VenuesConfig",
    "linggong.ledger.apps.LedgerConfig",
    "linggong.postings.apps.PostingsConfig",
    "linggong.payments.apps.PaymentsConfig",
    "linggong.agreements.apps.AgreementsConfig",
    "linggong.insurance.apps.InsuranceConfig",
    "linggong.matching.apps.MatchingConfig",
    "linggong.engagements.apps.EngagementsConfig",
    "linggong.cases.apps.CasesConfig",
    "linggong.oversight.apps.OversightConfig",
    "linggong.web.apps.WebConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "linggong.web.refusing.RefusedMiddleware",
]

ROOT_URLCONF = "linggong.web.urls"
WSGI_APPLICATION = "linggong.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "linggong.web.context.page",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "linggong.web.templatetags.parts",
            ],
        },
    }
]

_database = env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'linggong.sqlite3'}")
if _database["ENGINE"].endswith("sqlite3"):
    # FULL: an acknowledged wage survives a power cut (decision 13). Tests trade that for speed.
    _sync = "NORMAL" if MODE == "test" else "FULL"
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": f"PRAGMA journal_mode=WAL;PRAGMA synchronous={_sync};"
        "PRAGMA mmap_size=134217728;PRAGMA cache_size=-16000;",
    }
elif not env.bool("LINGGONG_NO_POOL", MODE == "test"):
    _database["OPTIONS"] = {"pool": {"min_size": 2, "max_size": 8}}
# PostgreSQL's connections come from the pool; opening SQLite and setting it up costs half a page, so a thread keeps its own.
_keeps = _database["ENGINE"].endswith("sqlite3") and MODE != "test"
DATABASES = {"default": {**_database, "CONN_MAX_AGE": None if _keeps else 0}}
if env.bool("LINGGONG_TEST_DB_FILE", False):
    # Races, crashes and browsers need a database that several threads and processes can open (decision 13).
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The database cache: rate limits must hold across processes without another service.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache"
        if MODE == "test"
        else "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
    }
}

QUEUE_FILE = DATA_DIR / "queue.sqlite3"
# 1: each web and worker process keeps everybody and every open posting in memory and matches there (docs/matching.md).
# 0: the database matches. The answers are the same; a county needs no more.
ENGINE = env.bool("LINGGONG_ENGINE", False)
ENGINE_THREAD = MODE != "test"
WAKE_WORKER = MODE != "test" and env.bool("LINGGONG_WAKE_WORKER", True)

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if MODE == "test"
    else ["django.contrib.auth.hashers.Argon2PasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"phone"}
ACCOUNT_SIGNUP_FIELDS = ["phone*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "linggong.accounts.adapter.AccountAdapter"
MFA_ADAPTER = "linggong.accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "零工市场"
MFA_TOTP_TOLERANCE = 1  # phones of staff are half a minute early or late

SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "linggong.web.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
if MODE == "live" and env.bool("LINGGONG_HTTPS", True):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("中文")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "linggong" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if MODE == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = MODE == "test"
MEDIA_ROOT = DATA_DIR / "papers"  # private: served only through views that ask who is looking
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 3 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LINGGONG_LOG", "WARNING")},
}

# --- the outside world -------------------------------------------------------------------------------------
# Each provider is `pretend` or the name of a real client. Outside demo and test, start-up refuses every pretend
# (linggong/web/checks.py). `off` is honest: the pages then say what is off.
SMS_PROVIDER = env.str("LINGGONG_SMS", "pretend" if MODE != "live" else "off")
SMS_BASE_URL = env.str("LINGGONG_SMS_URL", "https://dysmsapi.aliyuncs.com")
SMS_ACCESS_KEY_ID = env.str("LINGGONG_SMS_KEY_ID", "pretend-key-id")
SMS_ACCESS_KEY_SECRET = env.str("LINGGONG_SMS_KEY_SECRET", "pretend-key-secret")
SMS_SIGN_NAME = env.str("LINGGONG_SMS_SIGN", "零工市场")

# Calls are answered by keys. Many operators have one account for texts and calls, so its key is the default.
VOICE_PROVIDER = env.str("LINGGONG_VOICE", "pretend" if MODE != "live" else "off")
VOICE_BASE_URL = env.str("LINGGONG_VOICE_URL", "https://dyvmsapi.aliyuncs.com")
VOICE_ACCESS_KEY_ID = env.str("LINGGONG_VOICE_KEY_ID", SMS_ACCESS_KEY_ID)
VOICE_ACCESS_KEY_SECRET = env.str("LINGGONG_VOICE_KEY_SECRET", SMS_ACCESS_KEY_SECRET)
VOICE_SHOW_NUMBER = env.str("LINGGONG_VOICE_NUMBER", "057100000000")

# An official account (公众号) with one-time subscription messages.
WECHAT_PROVIDER = env.str("LINGGONG_WECHAT", "pretend" if MODE != "live" else "off")
WECHAT_BASE_URL = env.str("LINGGONG_WECHAT_URL", "https://api.weixin.qq.com")
WECHAT_APP_ID = env.str("LINGGONG_WECHAT_APP_ID", "wx-pretend")
WECHAT_APP_SECRET = env.str("LINGGONG_WECHAT_APP_SECRET", "pretend-wechat-secret")
WECHAT_TEMPLATE_ID = env.str("LINGGONG_WECHAT_TEMPLATE", "pretend-template")
# Two pages that the browser opens; a pretend serves them itself.
_pages = WECHAT_PROVIDER == "pretend"
WECHAT_OPEN_URL = env.str("LINGGONG_WECHAT_OPEN_URL", WECHAT_BASE_URL if _pages else "https://open.weixin.qq.com")
WECHAT_ALLOW_URL = env.str("LINGGONG_WECHAT_ALLOW_URL", WECHAT_BASE_URL if _pages else "https://mp.weixin.qq.com")

IDENTITY_PROVIDER = env.str("LINGGONG_IDENTITY", "pretend" if MODE != "live" else "off")
IDENTITY_BASE_URL = env.str("LINGGONG_IDENTITY_URL", "http://127.0.0.1:0")
IDENTITY_KEY = env.str("LINGGONG_IDENTITY_KEY", "pretend-identity-key")

WAGE_ACCOUNT_PROVIDER = env.str("LINGGONG_WAGE_ACCOUNT", "pretend" if MODE != "live" else "off")
WAGE_ACCOUNT_BASE_URL = env.str("LINGGONG_WAGE_ACCOUNT_URL", "http://127.0.0.1:0")
WAGE_ACCOUNT_KEY = env.str("LINGGONG_WAGE_ACCOUNT_KEY", "pretend-wage-key")
# Who legally owns the receiving account: employer or custodian, never the platform (decision 1).
WAGE_ACCOUNT_OWNER = env.str("LINGGONG_WAGE_ACCOUNT_OWNER", "custodian")
WAGE_ACCOUNT_OWNER_NAME = env.str("LINGGONG_WAGE_ACCOUNT_OWNER_NAME", "示范银行工资专户（模拟）")

INSURER_PROVIDER = env.str("LINGGONG_INSURER", "pretend" if MODE != "live" else "off")
INSURER_BASE_URL = env.str("LINGGONG_INSURER_URL", "http://127.0.0.1:0")
INSURER_KEY = env.str("LINGGONG_INSURER_KEY", "pretend-insurer-key")

# Pretends run in this process (unit tests, seeding) or on loopback ports (make run, browser tests).
PRETEND_IN_PROCESS = env.bool("LINGGONG_PRETEND_IN_PROCESS", MODE == "test")
PRETEND_DIR = Path(env.str("LINGGONG_PRETEND_DIR", str(DATA_DIR / "pretend")))
CALLBACK_BASE_URL = env.str("LINGGONG_CALLBACK_URL", SITE_URL)
