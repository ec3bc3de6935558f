"""The simulated company: three regions, eight cities, twenty-four projects, some 20,000 households."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SEED = 20260930
COMPANY = ("HT", "和泰物业（模拟）", "Hetai Property (simulated)")
REGIONS = {
    "R1": ("江苏区域", "Jiangsu region"),
    "R2": ("浙江区域", "Zhejiang region"),
    "R3": ("上海区域", "Shanghai region"),
}
CITIES = {
    "C01": ("R1", "苏州", "Suzhou"),
    "C02": ("R1", "无锡", "Wuxi"),
    "C03": ("R1", "南京", "Nanjing"),
    "C04": ("R1", "南通", "Nantong"),
    "C05": ("R2", "杭州", "Hangzhou"),
    "C06": ("R2", "宁波", "Ningbo"),
    "C07": ("R2", "嘉兴", "Jiaxing"),
    "C08": ("R3", "上海", "Shanghai"),
}
AREAS = (
    "客户服务",
    "秩序维护",
    "环境保洁",
    "绿化养护",
    "工程维修",
    "公共设施设备",
    "车辆管理",
    "消防",
    "电梯",
    "社区文化",
)
# Teams and contractors: code -> (Chinese name, English name, service area it serves)
CONTRACTORS = {
    "T-ENG": ("工程维修班", "Repair team", "工程维修"),
    "K-JA": ("捷安电梯服务", "Jiean Lift Service", "电梯"),
    "K-HT": ("恒通电梯服务", "Hengtong Lift Service", "电梯"),
    "K-QJ": ("清佳保洁", "Qingjia Cleaning", "环境保洁"),
    "K-LY": ("绿原园艺", "Lüyuan Gardening", "绿化养护"),
    "K-AB": ("安邦秩序服务", "Anbang Security", "秩序维护"),
    "K-XF": ("正安消防维保", "Zhengan Fire Systems", "消防"),
}


@dataclass(frozen=True)
class Project:
    """One simulated project; ``quality`` is its own level, in standard deviations around the company's."""

    code: str
    city: str
    name_zh: str
    name_en: str
    grade: str
    households: int
    buildings: int
    lifts: int
    lift_contractor: str
    quality: float

    @property
    def building_codes(self) -> list[str]:
        """Codes of its buildings, ``P01-01`` and on."""
        return [f"{self.code}-{n:02d}" for n in range(1, self.buildings + 1)]


_NAMES = [
    ("C01", "翠湖花园", "Cuihu Garden", "一级"),
    ("C04", "东篱小区", "Dongli Court", "三级"),
    ("C02", "金穗苑", "Jinsui Court", "二级"),
    ("C01", "书香华庭", "Shuxiang Residence", "一级"),
    ("C05", "星桥家园", "Xingqiao Homes", "二级"),
    ("C05", "松涛雅居", "Songtao Residence", "一级"),
    ("C01", "云锦苑", "Yunjin Court", "二级"),
    ("C08", "明德里", "Mingde Lane", "一级"),
    ("C03", "望江台", "Wangjiang Terrace", "一级"),
    ("C08", "江湾里", "Jiangwan Lane", "二级"),
    ("C06", "海棠湾", "Haitang Bay", "二级"),
    ("C08", "梧桐公馆", "Wutong Mansion", "一级"),
    ("C03", "春和景园", "Chunhe Garden", "二级"),
    ("C01", "南岸新城", "Nan'an New Town", "一级"),
    ("C02", "清名苑", "Qingming Court", "二级"),
    ("C04", "濠西花苑", "Haoxi Garden", "三级"),
    ("C05", "西溪里", "Xixi Lane", "一级"),
    ("C06", "甬江府", "Yongjiang House", "一级"),
    ("C07", "南湖印象", "Nanhu View", "二级"),
    ("C07", "梅湾雅苑", "Meiwan Court", "三级"),
    ("C03", "秦淮人家", "Qinhuai Homes", "三级"),
    ("C08", "滨浦苑", "Binpu Court", "二级"),
    ("C06", "东钱府", "Dongqian House", "二级"),
    ("C02", "蠡园新村", "Liyuan Village", "三级"),
]


def projects() -> list[Project]:
    """The twenty-four projects, always the same."""
    rng = np.random.default_rng([SEED, 1])
    households = np.round(rng.lognormal(np.log(780), 0.35, len(_NAMES)) / 10) * 10
    quality = rng.normal(0, 0.35, len(_NAMES))
    result = []
    for i, (city, zh, en, grade) in enumerate(_NAMES):
        size = int(np.clip(households[i], 360, 1860))
        result.append(
            Project(
                code=f"P{i + 1:02d}",
                city=city,
                name_zh=zh,
                name_en=en,
                grade=grade,
                households=size,
                buildings=max(4, round(size / 110)),
                lifts=max(4, round(size / 80)),
                lift_contractor="K-JA" if i % 3 == 1 else "K-HT",
                quality=float(quality[i]),
            )
        )
    return result
