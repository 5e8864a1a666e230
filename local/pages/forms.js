// One entry for each form. Add a form, or a field of one, here:
//   fields     name, label, and type ("text" by default), value, options, rows, hint, wide
//   examples   buttons that fill the form: the text before them, and [words, values]; the other fields are emptied
//   body       what is sent, from the fields' values; empty fields are left out
//   summarize  the answer in a few words or rows; without it, only the JSON is shown

const COLUMNS = { voterId: "Voter", firstName: "First name", lastName: "Last name", birthYear: "Born", address: "Address", city: "City" };
const CLOSE_COLUMNS = { match: "Match", score: "Score", ...COLUMNS };
// Three of the demo voters as a clipboard might list them. The page's test finds each of them.
const MISSPELT = {
  "Tyronne Forster": { firstName: "Tyronne", lastName: "forster", address: "345 larch" },
  "dandre yellohorse": { firstName: "dandre", lastName: "yellohorse", birthYear: "1996" },
  "Castaneda Jon": { firstName: "Castaneda", lastName: "Jon", birthYear: "1987" },
};

export const FORMS = ({ campaign }) => [
  {
    id: "search",
    title: "Find a voter",
    hint: "Names and address match from their start. At least one field; two to forgive spelling.",
    examples: {
      label: "As misspelt on a clipboard:",
      values: Object.entries(MISSPELT).map(([words, values]) => [words, { ...values, match: "close" }]),
    },
    fields: [
      { name: "firstName", label: "First name" },
      { name: "lastName", label: "Last name", value: "Adams" },
      { name: "address", label: "Address" },
      { name: "city", label: "City" },
      { name: "zip", label: "Zip" },
      { name: "birthYear", label: "Year of birth", type: "number" },
      { name: "voterId", label: "Voter id" },
      { name: "limit", label: "At most", type: "number", value: "5" },
      { name: "match", label: "Spelling", type: "select", wide: true, options: { "": "as on the list", close: "forgive spelling" } },
      {
        name: "credentials",
        label: "Credentials",
        type: "select",
        wide: true,
        options: { "": "common (/api/essearch-common)", search: "chosen by name: search (/api/essearch)" },
      },
    ],
    path: ({ credentials }) => (credentials ? "/api/essearch" : "/api/essearch-common"),
    body: ({ credentials, limit, birthYear, ...criteria }) => ({
      ...criteria,
      ...(birthYear && { birthYear: Number(birthYear) }),
      ...(limit && { limit: Number(limit) }),
      ...(credentials && { credentials: { name: credentials } }),
    }),
    summarize: ({ persons, totalHits, closeHits }) => {
      const columns = closeHits === undefined ? COLUMNS : CLOSE_COLUMNS;
      return {
        text: `${persons.length} of ${totalHits} voters${closeHits ? `, ${closeHits} of them by a close match` : ""}`,
        columns: Object.values(columns),
        rows: persons.map((person) => Object.keys(columns).map((name) => person[name] ?? "")),
      };
    },
  },
  {
    id: "duplicate",
    title: "Has this voter signed?",
    fields: [
      { name: "campaignId", label: "Campaign", value: campaign.id, wide: true },
      {
        name: "voterId",
        label: "Voter",
        wide: true,
        value: campaign.signedVoterId,
        suggestions: { [campaign.signedVoterId]: "has signed", [campaign.unsignedVoterId]: "has not signed" },
      },
    ],
    path: () => "/api/duplicate",
    body: (values) => values,
    summarize: ({ exists }) => ({ text: exists ? "This voter has signed." : "This voter has not signed." }),
  },
  {
    id: "clipboard",
    title: "Who of a page has signed?",
    fields: [
      { name: "campaignId", label: "Campaign", value: campaign.id, wide: true },
      {
        name: "voterIds",
        label: "Voters, one a line",
        type: "textarea",
        rows: 4,
        value: `${campaign.signedVoterId}\n${campaign.unsignedVoterId}`,
        wide: true,
      },
    ],
    path: () => "/api/duplicate",
    body: ({ campaignId, voterIds = "" }) => ({ campaignId, voterIds: voterIds.split(/[\s,;]+/).filter(Boolean) }),
    summarize: ({ signed }) => ({ text: signed.length ? `Signed: ${signed.join(", ")}` : "Nobody of them has signed." }),
  },
  {
    id: "permissions",
    title: "Drop the cached permissions",
    hint: "The next request sees what the database says now.",
    fields: [],
    path: () => "/api/permissions/revalidate",
    body: () => ({}),
    summarize: ({ tag }) => ({ text: `Dropped: ${tag}` }),
  },
];
