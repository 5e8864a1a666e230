-- Comments that are easier to read. The form of a position was described only in the source.

comment on function public.signer_changes is
  'The voters whose signatures changed since the position of each campaign''s set: [{"campaignId", "position", '
  '"outcome", "signed", "unsigned"}]. "position" is the set''s position once the two lists are applied. The lists say '
  'who has signed now, so it is harmless to apply them twice. Outcomes: complete; more (ask again from the new '
  'position); lost (build the set again); gone (there is no such campaign). A position is the text of a snapshot. In '
  'the middle of many changes it is "<since>/<until>/<xid>/<id>": of the changes that are visible in "until" and not '
  'in "since", those up to <xid> and <id> are applied.';

comment on function chart_engine.elapsed_end is
  'The end of the part of the earlier period that is compared: as much of it as has elapsed of the current period, or '
  'all of it if that is over. By the clocks of the zone, except for ranges of hours.';

comment on type chart_engine.frame is
  'What to draw, beside the definition. kind: "time", "category" or "none". earlier: the number of buckets of the '
  'earlier period; it may have none even if compared, as a zone can skip a day. same_elapsed: whether only as much of '
  'the earlier period counts as has elapsed of the current one.';

comment on function chart_engine.describe_series is
  'What the result says of each field of its rows, except the axis: its title, measure, format, role and values.';

comment on function chart_engine.check_columns is
  'Checks every column that the definition names, except in its filters, and returns the columns of its source.';
