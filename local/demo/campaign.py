"""The demo campaign."""

CAMPAIGN_ID = "5f0c2a4e-7d31-4b8e-9a16-3c0de2f4b7a1"
NAME = "Clean Rivers Initiative"
GOAL = 4000
