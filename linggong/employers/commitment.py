"""The employer's promise (承诺书, GX-26): its text, its version, and the law behind every duty. Pure.

Versioned data, not gettext: what was accepted is the hash of exactly these words. A change of any word is a new
entry in TEXTS under the next number; the old ones stay, because people promised them.
"""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Duty:
    """One thing the employer promises, in plain words, and where the law says so."""

    key: str
    title: str
    words: str
    source: str


@dataclass(frozen=True)
class Text:
    """One version of the promise."""

    version: int
    since: str
    opening: str
    duties: tuple[Duty, ...]
    closing: str

    @property
    def plain(self) -> str:
        """The whole text as it is read, printed and hashed."""
        lines = [f"用工承诺书（第 {self.version} 版，{self.since} 起用）", self.opening]
        for number, duty in enumerate(self.duties, start=1):
            lines.append(f"{number}. {duty.title}：{duty.words}（依据：{duty.source}）")
        lines.append(self.closing)
        return "\n".join(lines)

    @property
    def hash(self) -> str:
        """SHA-256 of the plain text: what `Commitment.text_hash` keeps."""
        return hashlib.sha256(self.plain.encode()).hexdigest()


_FIRST = Text(
    version=1,
    since="2026-11-01",
    opening="我在零工市场招人干活，答应下面这些事。做不到，我愿意被停用，该赔的赔，该罚的罚。",
    duties=(
        Duty(
            "truthful", "说真话",
            "写的活、地方、时间、人数、工钱都是真的，变了马上改；不发假活，不替没有手续的人发活。",
            "《人力资源市场暂行条例》第二十四条",
        ),
        Duty(
            "pay", "按时付工钱",
            "工钱给钱，不拿东西、券抵；按说好的日子足额付给本人，不少付不拖欠，付钱的记录至少留三年。",
            "《保障农民工工资支付条例》第十一条、第十五条",
        ),
        Duty(
            "no_fees", "不收钱",
            "不收押金、保证金、报名费、服装费、培训费，也不用别的名目要钱。",
            "《劳动合同法》第九条",
        ),
        Duty(
            "no_papers_held", "不扣证件",
            "不收不扣身份证和别的证件，只看一眼核对，看完就还。",
            "《劳动合同法》第九条",
        ),
        Duty(
            "no_children", "不用童工",
            "不让未满 16 岁的人干活；16 岁到 18 岁的，不派有毒有害和特别重的活。",
            "《禁止使用童工规定》第二条、第四条，《劳动法》第六十四条",
        ),
        Duty(
            "safety", "管好安全",
            "开工前讲清危险在哪、怎么防，给够劳保用品；要证的活只用有证的人；人说危险不干，不强迫、不扣钱。",
            "《安全生产法》第二十八条、第三十条、第四十四条、第四十五条、第五十四条",
        ),
        Duty(
            "hours", "不硬撑时间",
            "让人喝水、吃饭、歇息；加时间要本人愿意，多干的照样算钱；大热天按规定减时间、停露天活。",
            "《劳动法》第三十六条、第四十一条，《防暑降温措施管理办法》",
        ),
        Duty(
            "insurance", "说清保险",
            "开工前说明买没买保险、谁买的、保什么；没有买的要写明原因；出了事先救人、马上报，不推不躲。",
            "《安全生产法》第五十一条、第八十三条",
        ),
        Duty(
            "no_discrimination", "一样对待",
            "不因为民族、种族、性别、宗教信仰挑人，不问婚育；不因为是农村的、外地的或者有残疾就不要。",
            "《就业促进法》第二十七条至第三十一条、《妇女权益保障法》第四十三条",
        ),
        Duty(
            "privacy", "不乱传信息",
            "工友的电话和信息只用来干这个活，不外传、不留作别用。",
            "《个人信息保护法》第六条、第十条",
        ),
        Duty(
            "inspection", "接受查",
            "市场和人社部门来核对材料、处理投诉，我配合；材料每半年再核一次，变了十个工作日内来改。",
            "《人力资源市场暂行条例》第二十六条、第三十七条，人社部等五部门关于网络招聘的通知（2025年12月25日）",
        ),
    ),
    closing="点“我承诺”或签字，就表示读过、听懂、答应。换了新版会再请你看一次。",
)  # fmt: skip

TEXTS: dict[int, Text] = {text.version: text for text in (_FIRST,)}
VERSION = max(TEXTS)


def current() -> Text:
    """The version to accept today."""
    return TEXTS[VERSION]
