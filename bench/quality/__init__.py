"""How well a close search finds whom a clipboard means: made-up voters, made-up slips, and the share that is found."""
