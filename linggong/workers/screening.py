"""What a public card may not give away (FJ-15): numbers to ring, other accounts, names, age, sex, papers.

Pure. It finds what people really write, full-width and spaced digits and digits written as characters
included; a reviewer reads what it lets through.
"""

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from linggong.core.reasons import holds_number

_SPOKEN = str.maketrans("零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "001234567891123456789")
_GAP = r"[\s\-—·._*]{0,3}"

_ID = re.compile(rf"(?<!\d)(?:\d{_GAP}){{17}}[\dXx](?!\d)|(?<!\d)(?:\d{_GAP}){{14}}\d(?!\d)")
_SPOKEN_PHONE = re.compile(r"[零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]{7,}")
_WECHAT = re.compile(
    r"微信|薇信|威信号|v信|ｖ信|加v|\bvx|\bwx|wechat|weixin|加我|扣扣|\bqq|企鹅号|抖音号|快手号|小红书号|支付宝号|@\w",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?:|www\.|\.(?:com|cn|net)\b", re.IGNORECASE)
_NAME = re.compile(
    r"我叫|名叫|姓名|本人姓|我姓|我是老(?![手师工木泥瓦电焊厨农人司员])[\u4e00-\u9fff]|免贵姓|叫我\s?[\u4e00-\u9fff]"
)
_AGE = re.compile(
    r"\d{1,3}\s?(?:周岁|岁)|[一二三四五六七八九十]{2,3}岁|年龄|年纪|[4-9]0后|0[0-9]后|(?:19|20)\d\d\s?年?(?:生|出生)|(?<!金)属"
    r"[鼠牛虎兔龙蛇马羊猴鸡狗猪]"
)
_SEX = re.compile(r"性别|本人[是为，,\s]*[男女]|我是[个一]*[男女]|[男女]一[个名]|^[男女][，,。、\s]|^[男女]$")
_PAPER = re.compile(r"身份证|户口|住址|门牌|\d+\s?号楼|\d+\s?单元|\d+\s?室")

_LOOKS = (
    (_ID, _("证件号")),
    (_WECHAT, _("微信或别的账号")),
    (_LINK, _("网址")),
    (_NAME, _("姓名")),
    (_AGE, _("年龄")),
    (_SEX, _("性别")),
    (_PAPER, _("证件或详细住址")),
)


def gives_away(text: str, *, name: str = "") -> list[str]:
    """What in `text` names or reaches the person, in words; empty when the text may be shown to everybody."""
    flat = unicodedata.normalize("NFKC", text)
    found = [str(words) for pattern, words in _LOOKS if pattern.search(flat)]
    spoken = (m[0].translate(_SPOKEN) for m in _SPOKEN_PHONE.finditer("".join(flat.split())))
    if holds_number(flat) or any(holds_number(digits) for digits in spoken):
        found.append(str(_("电话号码")))
    if len(name) >= 2 and name in flat and str(_("姓名")) not in found:
        found.append(str(_("姓名")))
    return found
