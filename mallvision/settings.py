"""Django's settings. Everything a deployment may change comes from the environment (docs/configuration.md)."""

import os
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF

from mallvision.channel_hosts import channel_hosts
from mallvision.environment import BASE_DIR, HUB_DURABILITIES, Reader, data_folder
from recognition.node.admission import Limits

# Before anything imports numpy: its library would start a thread for each core, and where other processes are busy
# those wait for each other (measured on two cores: 8 ms for a product of 0.06 ms).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

_env = Reader(os.environ)
MALLVISION_DATA = data_folder(os.environ)

DEBUG = _env.flag("MALLVISION_DEBUG", default=False)
SECRET_KEY = _env.secret("MALLVISION_SECRET_KEY", MALLVISION_DATA.secret_key)
ALLOWED_HOSTS = list(_env.words("MALLVISION_ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]")))
CSRF_TRUSTED_ORIGINS = list(_env.words("MALLVISION_TRUSTED_ORIGINS", ()))

# --- what the parts of the product are told -------------------------------------------------------------------
MALLVISION_FIELD_KEYS = _env.words("MALLVISION_FIELD_KEYS", ()) or tuple(
    MALLVISION_DATA.field_keys.read_text().split() if MALLVISION_DATA.field_keys.exists() else ()
)
MALLVISION_HUB_URL = _env.text("MALLVISION_HUB_URL", MALLVISION_DATA.socket_url("hub"))
MALLVISION_HUB_DURABILITY = _env.choice("MALLVISION_HUB_DURABILITY", *HUB_DURABILITIES)
MALLVISION_QUEUE_LIMITS = Limits(
    jobs=_env.positive_int("MALLVISION_QUEUE_LIMIT_JOBS", 100),
    photo_bytes=_env.positive_int("MALLVISION_QUEUE_LIMIT_MB", 64) * 1_000_000,
)
MALLVISION_DEADLINE_S = _env.positive_float("MALLVISION_DEADLINE_S", 60.0)
MALLVISION_ANSWER_TTL_S = _env.positive_int("MALLVISION_ANSWER_TTL_S", 600)
MALLVISION_MATCH_DISTANCE = _env.positive_float("MALLVISION_MATCH_DISTANCE", 0.6)
MALLVISION_MATCH_MARGIN = _env.fraction("MALLVISION_MATCH_MARGIN", 0.05)
MALLVISION_QUALITY_LIMIT = _env.fraction("MALLVISION_QUALITY_LIMIT", 0.39)
MALLVISION_ENROL_FACE_PX = _env.positive_float("MALLVISION_ENROL_FACE_PX", 60.0)
MALLVISION_ENROL_SHARPNESS = _env.fraction("MALLVISION_ENROL_SHARPNESS", 0.5)
MALLVISION_ENROL_TURN = _env.positive_float("MALLVISION_ENROL_TURN", 0.3)
MALLVISION_ENROL_LIKENESS = _env.fraction("MALLVISION_ENROL_LIKENESS", 0.5)
MALLVISION_SIGHTING_GAP_S = _env.positive_float("MALLVISION_SIGHTING_GAP_S", 60.0)
MALLVISION_SCENE_REFRESH_S = _env.positive_float("MALLVISION_SCENE_REFRESH_S", 10.0)
MALLVISION_IDENTIFY_PER_MINUTE = _env.positive_int("MALLVISION_IDENTIFY_PER_MINUTE", 60)
MALLVISION_KEEP_OUTCOMES_H = _env.positive_float("MALLVISION_KEEP_OUTCOMES_H", 24.0)
MALLVISION_KEEP_SIGHTINGS_D = _env.positive_float("MALLVISION_KEEP_SIGHTINGS_D", 30.0)
MALLVISION_KEEP_ALERTS_D = _env.positive_float("MALLVISION_KEEP_ALERTS_D", 90.0)
MALLVISION_KEEP_IDENTIFY_LOG_D = _env.positive_float("MALLVISION_KEEP_IDENTIFY_LOG_D", 90.0)
MALLVISION_KEEP_IMPORTS_D = _env.positive_float("MALLVISION_KEEP_IMPORTS_D", 7.0)
MALLVISION_HUB_SLOW_MS = _env.positive_float("MALLVISION_HUB_SLOW_MS", 100.0)
MALLVISION_DISK_FULL_PERCENT = _env.percent("MALLVISION_DISK_FULL_PERCENT", 90.0)
MALLVISION_FAILING_PERCENT = _env.percent("MALLVISION_FAILING_PERCENT", 5.0)
MALLVISION_COLLECTOR_LATE_S = _env.positive_float("MALLVISION_COLLECTOR_LATE_S", 10.0)
MALLVISION_OPENING_HOURS = _env.opening_hours("MALLVISION_OPENING_HOURS")
MALLVISION_NO_FACE_MIN = _env.positive_float("MALLVISION_NO_FACE_MIN", 30.0)

# --- Django ---------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "axes",
    "django_htmx",
    "lucide",
    "ninja",
    "cameras",
    "recognition.people",
    "recognition.sightings",
    "recognition.alerts",
    "recognition.intake",
    "recognition.imports",
    "recognition.collector",
    "recognition.monitor",
    "recognition.live",
    "recognition.retention",
    "recognition.pages",
    "recognition.demo",
    "mallvision",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "mallvision.content_policy.ContentPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "mallvision.api_errors.api_errors_are_json",
]
ROOT_URLCONF = "mallvision.urls"
ASGI_APPLICATION = "mallvision.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "recognition.pages.context.staff",
            ],
            "builtins": ["lucide.templatetags.lucide"],
        },
    }
]

# Under ASGI each request has a thread of its own, which would take a connection kept open to its grave.
DATABASES = {
    "default": dj_database_url.config(
        default=f"sqlite:///{MALLVISION_DATA.root / 'mallvision.sqlite3'}", conn_max_age=0
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE takes the write lock at BEGIN, where busy_timeout is honoured; a later upgrade would fail at once.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    # On disk, as in service: an in-memory database locks whole tables between threads.
    DATABASES["default"]["TEST"] = {"NAME": str(MALLVISION_DATA.root / "test.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": channel_hosts(MALLVISION_HUB_URL), "prefix": "live"},
    }
}

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False  # its pages are not unfold's
AXES_LOCKOUT_TEMPLATE = "lockout.html"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "wall"
LOGOUT_REDIRECT_URL = "login"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if _env.flag("MALLVISION_HTTPS", default=False):
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = _env.text("MALLVISION_LANGUAGE", "en")
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "mallvision" / "locale"]
TIME_ZONE = _env.text("MALLVISION_TIME_ZONE", "UTC")
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS: list[Path] = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

PHOTO_LIMIT_BYTES = 10_000_000
PHOTO_LIMIT_PIXELS = 50_000_000
# Above the photo limit, so that a photo is never spooled to a file on disk.
DATA_UPLOAD_MAX_MEMORY_SIZE = 11_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 11_000_000

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "MallVision",
    "SITE_HEADER": "MallVision",
    "SITE_URL": "/",
    "SITE_SYMBOL": "visibility",
    "SHOW_VIEW_ON_SITE": True,
}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"lost hub": {"()": "mallvision.channel_log.LostHub"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": _env.text("MALLVISION_LOG_LEVEL", "INFO")},
    "loggers": {
        "axes": {"level": "WARNING"},
        "channels_redis.pubsub": {"filters": ["lost hub"]},
        "faiss.loader": {"level": "WARNING"},  # tells of each kind of processor that it tries
        "django.request": {"level": "ERROR"},  # refusals are the asker's affair, and some come with a traceback
    },
}
