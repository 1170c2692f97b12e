"""The article's statements in our own words, each with an id and its section, and the guidelines the rules lean on besides it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

TITLE = "Can a Pinched Nerve Cause Muscle Spasms in Legs?"
URL = "https://biologyinsights.com/can-a-pinched-nerve-cause-muscle-spasms-in-legs"

Role = Literal["trigger", "explanation", "other cause", "definition"]


class Grade(StrEnum):
    """What kind of source it is, the strongest first: our own five classes. Nobody appraised the sources by GRADE."""

    SYSTEMATIC = "guideline that rests on a systematic review of studies"
    CONSENSUS = "pathway that rests on the consensus of experts"
    REVIEW = "narrative review of studies"
    INQUIRY = "inquiry into incidents"
    PUBLIC = "article for the public, without references"


ARTICLE_GRADE = Grade.PUBLIC
ARTICLE_READ = "in full"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of the article. `background` says why no rule cites it, where none does."""

    id: str
    section: str
    role: Role
    text: str
    background: str = ""


@dataclass(frozen=True, slots=True)
class Guideline:
    """A source besides the article, as it appears on cards and in the published link list. `read` says how much of it was."""

    id: str
    label: str
    url: str
    note: str
    grade: Grade
    read: str


_INTRO, _NERVES, _SPASMS, _LINK, _SEEK = "Introduction", "Pinched Nerves", "Muscle Spasms", "The Link", "When to Seek Advice"

STATEMENTS = MappingProxyType(
    {
        each.id: each
        for each in (
            Statement("A1", _INTRO, "explanation", "A pinched nerve is one possible cause of leg muscle spasm."),
            Statement("A2", _INTRO, "explanation", "Disturbed nerve signals make a muscle contract without being asked.", "mechanism, told on no card"),
            Statement("A3", _NERVES, "definition", "A pinched nerve is a nerve pressed on by the tissue around it.", "defines the subject"),
            Statement("A4", _NERVES, "explanation", "Bone, cartilage, muscle or tendon can do the pressing.", "anatomy, decides nothing"),
            Statement("A5", _NERVES, "explanation", "Pressure impairs what the nerve transmits.", "mechanism, told on no card"),
            Statement("A6", _NERVES, "definition", "For the legs the place is often the lumbar spine, where the roots leave."),
            Statement("A7", _NERVES, "definition", "Sciatica is a common form; its pain may run down the back of the leg."),
            Statement("A8", _NERVES, "definition", "Its symptoms are pain travelling down the leg, numbness, tingling and weakness."),
            Statement("A9", _NERVES, "explanation", "Those symptoms are not spasm, but may come with it."),
            Statement("A10", _SPASMS, "definition", "A spasm is an involuntary, often painful contraction.", "defines the subject"),
            Statement("A11", _SPASMS, "definition", "It can be sudden and strong, the muscle tight or misshapen.", "description, decides nothing"),
            Statement("A12", _SPASMS, "definition", "Any muscle can be affected; leg cramps, above all of the calf, are common."),
            Statement("A13", _SPASMS, "other cause", "Not every spasm comes from a nerve."),
            Statement("A14", _SPASMS, "other cause", "Dehydration is a common cause of leg spasm."),
            Statement("A15", _SPASMS, "other cause", "So is an imbalance of potassium, magnesium or calcium."),
            Statement("A16", _SPASMS, "other cause", "So are overuse and fatigue."),
            Statement("A17", _SPASMS, "other cause", "Long standing and poor sitting may add to it."),
            Statement("A18", _LINK, "explanation", "Pinched nerves and leg spasms are directly linked."),
            Statement("A19", _LINK, "explanation", "Nerves carry the signals to contract and to relax.", "physiology, decides nothing"),
            Statement("A20", _LINK, "explanation", "A compressed nerve misfires and the muscle contracts."),
            Statement("A21", _LINK, "explanation", "Compression may also keep a muscle from relaxing.", "mechanism, told on no card"),
            Statement("A22", _LINK, "explanation", "Nerve pain can set off protective spasm around it.", "mechanism, told on no card"),
            Statement("A23", _LINK, "explanation", "Tight muscles may then press on nerves in turn.", "mechanism, told on no card"),
            Statement("A24", _SEEK, "trigger", "Leg spasms that persist deserve medical advice."),
            Statement("A25", _SEEK, "trigger", "So do severe ones."),
            Statement("A26", _SEEK, "trigger", "So do ones that get worse."),
            Statement("A27", _SEEK, "trigger", "So do spasms together with significant weakness."),
            Statement("A28", _SEEK, "trigger", "So do spasms together with numbness that persists."),
            Statement("A29", _SEEK, "trigger", "So do spasms together with tingling that persists."),
            Statement("A30", _SEEK, "trigger", "Lost bladder control with leg symptoms needs immediate evaluation."),
            Statement("A31", _SEEK, "trigger", "Lost bowel control with leg symptoms needs immediate evaluation."),
            Statement("A32", _SEEK, "trigger", "Cramps that often break sleep deserve a consultation."),
            Statement("A33", _SEEK, "trigger", "So do cramps that get in the way of daily life."),
            Statement("A34", _SEEK, "trigger", "Only a proper work-up tells a pinched nerve from other causes."),
        )
    }
)

GUIDELINES = MappingProxyType(
    {
        each.id: each
        for each in (
            Guideline(
                "GIRFT",
                "GIRFT suspected cauda equina syndrome pathway (2023)",
                "https://gettingitrightfirsttime.co.uk/pathway-supports-clinicians-to-diagnose-and-treat-cauda-equina-syndrome-without-delay/",
                "new within 14 days or deteriorating; MRI as soon as possible, within 4 hours of request",
                Grade.CONSENSUS,
                "pages about the pathway and audits of it; its full text could not be had",
            ),
            Guideline(
                "ACR",
                "ACR Appropriateness Criteria: low back pain (2021)",
                "https://gravitas.acr.org/ACPortal/NarrativeAuthoringPreviewDocument?topicId=141",
                "MRI usually appropriate for suspected cauda equina syndrome; imaging without red flags usually not appropriate",
                Grade.SYSTEMATIC,
                "in part: the variants and a summary for patients",
            ),
            Guideline(
                "NG59",
                "NICE NG59: low back pain and sciatica",
                "https://www.nice.org.uk/guidance/ng59/chapter/Recommendations",
                "imaging not routine in non-specialist settings; people aged 16 and over",
                Grade.SYSTEMATIC,
                "recommendations 1.1.4 to 1.1.6",
            ),
            Guideline(
                "NG127",
                "NICE NG127: suspected neurological conditions",
                "https://www.nice.org.uk/guidance/ng127",
                "referral of limb weakness and sensory symptoms; only its scope was read",
                Grade.SYSTEMATIC,
                "scope and headings only",
            ),
            Guideline(
                "AAFP2012",
                "Nocturnal leg cramps, Am Fam Physician 2012;86:350",
                "https://pubmed.ncbi.nlm.nih.gov/22963024/",
                "cramps probably come from muscle fatigue and nerve dysfunction; laboratory work is usually unnecessary",
                Grade.REVIEW,
                "abstract",
            ),
            Guideline(
                "HSSIB",
                "HSSIB investigation: cauda equina syndrome",
                "https://hssib.org.uk/patient-safety-investigations/timely-detection-and-treatment-of-spinal-nerve-compression-cauda-equina-syndrome-in-patients-with-back-pain/investigation-report",
                "delays in recognising red flags and in imaging",
                Grade.INQUIRY,
                "in part",
            ),
        )
    }
)
