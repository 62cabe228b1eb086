"""What browsers fetch all day from the watched sites, and from the ad, media and font hosts beside them.

Each line is `kind method address`, with `{…}` for what changes: `{n}` a number, `{hex}` a hash, `{at}` a time in
milliseconds, `{word}` a word, `{id}` a long number, `{key}` a token. `kind` is Chromium's name for what is fetched.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

WORDS = ("home", "feed", "river", "lamp", "autumn", "kettle", "north", "cedar", "atlas", "violet", "harbour", "maple")

EVERYWHERE = """
document GET /
document GET /robots.txt
document GET /about
document GET /help
document GET /privacy
document GET /terms
document GET /login
document GET /login?next=%2F&_={at}
document GET /settings
document GET /notifications
image GET /favicon.ico
image GET /apple-touch-icon.png
image GET /images/logo-{hex}.svg
image GET /img/{hex}_{n}x{n}.webp?quality=80
image GET /pixel.gif?e=view&t={at}&r={n}
image GET /avatars/{id}_normal.jpg
manifest GET /manifest.json
script GET /static/js/main.{hex}.js
script GET /assets/vendor-{hex}.js?v={n}
script GET /_next/static/chunks/pages/_app-{hex}.js
script GET /sw.js
script GET /service-worker.js?v={hex}
stylesheet GET /static/css/main.{hex}.css
stylesheet GET /assets/theme.css?_={at}
font GET /fonts/inter-{hex}.woff2
media GET /media/{hex}/clip_{n}.mp4
xhr GET /api/v1/config?_={at}
xhr GET /api/session
xhr GET /i18n/en-CA.json?v={hex}
xhr GET /api/healthz
xhr GET /api/feature-flags?user={hex}
xhr OPTIONS /api/v1/events
ping POST /collect?v=2&tid=G-{key}&_p={n}&dl=https%3A%2F%2F{host}%2F
ping POST /csp-report
ping POST /beacon/{key}
xhr POST /api/v1/telemetry
xhr POST /log/events?batch={n}
xhr POST /login
websocket GET /ws?session={key}
"""

PER_SITE = {
    "facebook": """
xhr POST https://www.facebook.com/ajax/bz?__a=1&__req={n}
xhr POST https://www.facebook.com/ajax/bnzai?__a=1&__ccg=GOOD&__req={n}&__spin_t={at}
xhr POST https://www.facebook.com/ajax/webstorage/process_keys/?state=1
xhr POST https://www.facebook.com/ajax/qm/?__a=1&__user={id}
xhr GET https://www.facebook.com/ajax/bulk-route-definitions/?__a=1
xhr GET https://www.facebook.com/data/manifest/
xhr POST https://graph.facebook.com/logging_client_events
script GET https://static.xx.fbcdn.net/rsrc.php/v4/y{n}/r/{hex}.js
image GET https://scontent.fyvr3-1.fna.fbcdn.net/v/t39.30808-6/{id}_{id}_n.jpg?_nc_cat=1&ccb=1-7&_nc_ohc={key}
websocket GET https://gateway.facebook.com/ws/streamcontroller?x-dgw-appid={id}&x-dgw-loggingid={key}
""",
    "instagram": """
xhr POST https://www.instagram.com/ajax/bz?__d=dis
xhr POST https://www.instagram.com/ajax/bootloader-endpoint/?modules={key}&__a=1
xhr POST https://graph.instagram.com/logging_client_events
image GET https://scontent-sea1-1.cdninstagram.com/v/t51.2885-19/{id}_n.jpg?stp=dst-jpg_s150x150&_nc_ht={key}
script GET https://static.cdninstagram.com/rsrc.php/v4/y{n}/r/{hex}.js
""",
    "x": """
xhr POST https://x.com/i/api/1.1/jot/client_event.json
xhr POST https://api.x.com/1.1/jot/client_event.json
xhr GET https://x.com/i/api/2/badge_count/badge_count.json?supports_ntab_urt=1
xhr GET https://x.com/i/api/1.1/hashflags.json
xhr GET https://x.com/i/api/graphql/{key}/DataSaverMode?variables=%7B%22device_id%22%3A%22Windows%22%7D
xhr GET https://x.com/i/api/graphql/{key}/HomeTimeline?variables=%7B%22count%22%3A20%7D
xhr POST https://x.com/i/api/graphql/{key}/HomeLatestTimeline
xhr GET https://x.com/i/api/fleets/v1/avatar_content?only_spaces=true
image GET https://pbs.twimg.com/profile_images/{id}/{key}_normal.jpg
media GET https://video.twimg.com/amplify_video/{id}/vid/avc1/640x360/{key}.mp4
script GET https://abs.twimg.com/responsive-web/client-web/main.{hex}.js
""",
    "linkedin": """
xhr POST https://www.linkedin.com/li/track
xhr POST https://www.linkedin.com/sensorCollect/?action=reportMetrics
xhr POST https://www.linkedin.com/litms/utag/voyager-web/utag.js?cb={at}
xhr GET https://www.linkedin.com/voyager/api/me
xhr GET https://www.linkedin.com/voyager/api/voyagerGlobalAlerts?q=findAlerts
xhr GET https://www.linkedin.com/voyager/api/graphql?includeWebMetadata=true&variables=()&queryId=voyagerDashMySettings.{hex}
xhr GET https://www.linkedin.com/voyager/api/voyagerFeedDashMainFeed?count=10&q=feed&start={n}
eventsource GET https://www.linkedin.com/realtime/connect?rc=1
image GET https://media.licdn.com/dms/image/v2/{key}/profile-displayphoto-shrink_100_100/0/{at}?e={n}&v=beta
""",
    "google": """
ping POST https://www.google.com/gen_204?atyp=csi&ei={key}&s=web&t=all&rt=wsrt.{n}
ping POST https://play.google.com/log?format=json&hasfast=true
image GET https://www.google.com/images/branding/googlelogo/2x/googlelogo_color_272x92dp.png
xhr GET https://www.google.com/async/hpba?vet={key}&ei={key}&yv=3
xhr POST https://ogads-pa.clients6.google.com/$rpc/google.internal.onegoogle.asyncdata.v1.AsyncDataService/GetAsyncData
script GET https://www.gstatic.com/og/_/js/k=og.qtm.en_US.{key}.O/rt=j/m=qabr/rs={key}
""",
    "youtube": """
xhr POST https://www.youtube.com/youtubei/v1/log_event?alt=json
ping POST https://www.youtube.com/api/stats/watchtime?ns=yt&el=detailpage&cpn={key}&docid={key}&cmt={n}
ping GET https://www.youtube.com/api/stats/qoe?event=streamingstats&cpn={key}&docid={key}
xhr POST https://www.youtube.com/youtubei/v1/guide?prettyPrint=false
xhr POST https://www.youtube.com/youtubei/v1/player?prettyPrint=false
media POST https://rr3---sn-ni5f-t8gs.googlevideo.com/videoplayback?expire={at}&ei={key}&range=0-{n}
image GET https://i.ytimg.com/vi/{key}/hqdefault.jpg
""",
    "bing": """
ping POST https://www.bing.com/fd/ls/lsp.aspx
ping GET https://www.bing.com/fd/ls/l?IG={hex}&Type=Event.CPT&DATA=%7B%22pp%22%3A%7B%22S%22%3A%22L%22%7D%7D
image GET https://www.bing.com/th?id=OHR.{word}_EN-CA{n}_1920x1080.jpg&rf=LaDigue_1920x1080.jpg
xhr GET https://www.bing.com/hp/api/model?mkt=en-CA
script GET https://r.bing.com/rp/{key}.js
""",
    "tiktok": """
xhr POST https://mon-va.byteoversea.com/monitor_browser/collect/batch/?biz_id=tiktok
xhr POST https://mssdk-va.tiktok.com/web/report?msToken={key}
xhr GET https://www.tiktok.com/api/recommend/item_list/?aid=1988&count=6&device_id={id}&msToken={key}
image GET https://p16-sign-va.tiktokcdn.com/obj/tos-maliva-p-0068/{hex}~c5_720x720.jpeg
""",
    "reddit": """
xhr POST https://www.reddit.com/svc/shreddit/events
xhr GET https://www.reddit.com/svc/shreddit/feeds/home-feed?after={key}&distance={n}
xhr POST https://w3-reporting.reddit.com/reports
image GET https://preview.redd.it/{key}.jpeg?width=640&crop=smart&auto=webp&s={hex}
""",
    "pinterest": """
xhr POST https://www.pinterest.com/_/_/report/
xhr GET https://www.pinterest.com/resource/UserHomefeedResource/get/?source_url=%2F&data=%7B%22options%22%3A%7B%7D%7D&_={at}
image GET https://i.pinimg.com/236x/{hex}.jpg
""",
    "chatgpt": """
xhr POST https://chatgpt.com/ces/v1/t
xhr GET https://chatgpt.com/backend-api/me
xhr GET https://chatgpt.com/backend-api/conversations?offset=0&limit=28&order=updated
xhr GET https://chatgpt.com/backend-api/models
xhr POST https://chatgpt.com/backend-api/sentinel/chat-requirements
""",
}

BESIDE = """
script GET https://www.googletagmanager.com/gtag/js?id=G-{key}
ping POST https://www.google-analytics.com/g/collect?v=2&tid=G-{key}&_p={n}
script GET https://securepubads.g.doubleclick.net/tag/js/gpt.js
image GET https://ad.doubleclick.net/ddm/activity/src={n};type=invmedia;cat={key};ord={n}
font GET https://fonts.gstatic.com/s/roboto/v30/{key}.woff2
stylesheet GET https://fonts.googleapis.com/css2?family=Inter:wght@400;700
script GET https://cdn.jsdelivr.net/npm/{word}@{n}/dist/index.min.js
xhr POST https://o{n}.ingest.sentry.io/api/{n}/envelope/
xhr POST https://browser-intake-datadoghq.com/api/v2/rum?ddsource=browser
image GET https://images.ctfassets.net/{key}/{hex}/{word}.jpg?w=800
script GET https://challenges.cloudflare.com/turnstile/v0/api.js
xhr POST https://api2.branch.io/v1/pageview
"""

_EVENTS = {"events": [{"name": "page_view", "value": 1}, {"name": "scroll", "depth": 40}]}
_GAP = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request as a browser makes it; `kind` as Chromium's recordings name it (`_resourceType`)."""

    kind: str
    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None


def everywhere(host: str, chance: Random) -> Iterator[Fetch]:
    """Give what any site's own pages fetch from `host`."""
    for line in EVERYWHERE.split("\n"):
        if line:
            kind, method, path = line.split(" ")
            yield _fetch(kind, method, f"https://{host}{path}", host, chance)


def of_site(site: str, chance: Random) -> Iterator[Fetch]:
    """Give what only this site's pages fetch; nothing for a site that is not in the table."""
    for line in PER_SITE.get(site, "").split("\n"):
        if line:
            kind, method, address = line.split(" ")
            yield _fetch(kind, method, address, site, chance)


def beside(chance: Random) -> Iterator[Fetch]:
    """Give what pages fetch from advertisers, counters and stores of fonts and scripts."""
    for line in BESIDE.split("\n"):
        if line:
            kind, method, address = line.split(" ")
            yield _fetch(kind, method, address, "", chance)


def _fetch(kind: str, method: str, address: str, host: str, chance: Random) -> Fetch:
    url = _GAP.sub(lambda gap: host if gap[1] == "host" else filled(gap[1], chance), address)
    if kind == "websocket":
        key = {"Sec-WebSocket-Key": filled("key", chance), "Sec-WebSocket-Version": "13"}
        return Fetch(kind, method, "wss" + url.removeprefix("https"), {"Upgrade": "websocket", **key})
    if method != "POST":
        return Fetch(kind, method, url)
    if url.endswith("/login"):
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return Fetch(kind, method, url, form, f"username=wren&password={filled('key', chance)}&_csrf={chance.random()}")
    return Fetch(kind, method, url, {"Content-Type": "application/json"}, json.dumps(_EVENTS))


def filled(gap: str, chance: Random) -> str:
    """Give something for a gap of an address, of the kind that its name says."""
    match gap:
        case "n":
            return str(chance.randint(10, 9999))
        case "hex":
            return f"{chance.getrandbits(64):016x}"
        case "at":
            return str(1_760_000_000_000 + chance.randint(0, 10**9))
        case "word":
            return chance.choice(WORDS)
        case "id":
            return str(chance.randint(10**14, 10**15))
        case _:
            return "".join(chance.choices("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789", k=11))
