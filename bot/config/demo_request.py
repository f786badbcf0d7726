"""The request that the rehearsal, which answers if no model is set, has a script for. Pure."""

REQUEST = (
    "Research the top five competitors in our market segment, create a comparison spreadsheet, "
    "and draft a one-page executive summary with the key findings"
)
