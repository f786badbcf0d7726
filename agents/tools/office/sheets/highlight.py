"""Adds conditional formats in the house's colors."""

from typing import Any

from openpyxl.formatting import rule as vendor
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle

from agents.tools.office import house_style
from agents.tools.office.formulas import checked_formula
from agents.tools.office.sheets.change_schema import Highlight
from orchestrator.errors import ToolFailed

_rules: Any = vendor  # its types are incomplete
_TONES = {"good": ("1E6B3A", "DDF0E3"), "bad": ("9B2C2C", "F9E0DE"), "warning": ("7A5200", "FBEBCB")}
"""Letters and fill; each pair has a contrast of more than 5 to 1."""
_COMPARED = {"greater": "greaterThan", "less": "lessThan", "between": "between", "equal": "equal"}


def highlight(sheet: Any, wanted: Highlight) -> None:
    """Adds the rule, once per range. Raises ToolFailed if its value is missing."""
    letters, fill = _TONES[wanted.tone]
    look: dict[str, Any] = {"font": Font(color=letters), "fill": PatternFill(bgColor=fill, fill_type="solid")}
    style: Any = DifferentialStyle(**look)
    first = wanted.range.replace("$", "").partition(":")[0]
    match wanted.rule:
        case "scale":
            ends = {"start_type": "min", "mid_type": "percentile", "mid_value": 50, "end_type": "max"}
            tints = {"start_color": "F5D9D6", "mid_color": house_style.WHITE, "end_color": "CFE6D6"}
            rule: Any = _rules.ColorScaleRule(**ends, **tints)
        case "bar":
            rule = _rules.DataBarRule(start_type="num", start_value=0, end_type="max", color="9DBCC6")
        case "top" | "bottom":
            rank = int(_given(wanted)) if str(wanted.value).isdigit() else 3
            rule = _rules.Rule(type="top10", rank=rank, bottom=wanted.rule == "bottom" or None, dxf=style)
        case "duplicates":
            rule = _rules.Rule(type="duplicateValues", dxf=style)
        case "contains":
            words = _given(wanted).strip('"').replace('"', '""')
            rule = _rules.FormulaRule(formula=[f'ISNUMBER(SEARCH("{words}",{first}))'], **look)
        case _:
            values = [_operand(_given(wanted))]
            if wanted.rule == "between":
                values.append(_operand(_given(wanted, upper=True)))
            rule = _rules.CellIsRule(operator=_COMPARED[wanted.rule], formula=values, **look)
    same: list[Any] = [
        r for group in sheet.conditional_formatting if str(group.sqref) == wanted.range for r in group.rules
    ]
    if not any(
        (r.type, r.operator, r.formula, r.rank) == (rule.type, rule.operator, rule.formula, rule.rank) for r in same
    ):
        sheet.conditional_formatting.add(wanted.range, rule)


def _given(wanted: Highlight, *, upper: bool = False) -> str:
    value = wanted.upper if upper else wanted.value
    if value is None:
        raise ToolFailed(f"The highlight {wanted.rule!r} of {wanted.range!r} needs {'upper' if upper else 'value'}.")
    return f"{value:g}" if isinstance(value, float) else str(value)


def _operand(text: str) -> str:
    """Returns a number or formula as it is, and words in quotes."""
    if text.startswith("="):
        return checked_formula(text)[1:]
    try:
        float(text)
    except ValueError:
        return '"' + text.strip('"').replace('"', '""') + '"'
    return text
