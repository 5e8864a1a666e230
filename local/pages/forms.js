// One entry a form. To add a form, or a field to one, is to add it here:
//   fields     name, label, and type ("text" where there is none), value, options, rows, hint, wide
//   body       what is sent, from the fields' values; empty fields are left out
//   summarize  the answer in a few words or rows; without it the JSON stands alone

const COLUMNS = { voterId: "Voter", firstName: "First name", lastName: "Last name", birthYear: "Born", address: "Address", city: "City" };

export const FORMS = ({ campaign }) => [
  {
    id: "search",
    title: "Find a voter",
    hint: "Names and address match from their start. At least one field.",
    fields: [
      { name: "firstName", label: "First name" },
      { name: "lastName", label: "Last name", value: "Adams" },
      { name: "address", label: "Address" },
      { name: "city", label: "City" },
      { name: "zip", label: "Zip" },
      { name: "birthYear", label: "Year of birth", type: "number" },
      { name: "voterId", label: "Voter id" },
      { name: "limit", label: "At most", type: "number", value: "5" },
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
    summarize: ({ persons, totalHits }) => ({
      text: `${persons.length} of ${totalHits} voters`,
      columns: Object.values(COLUMNS),
      rows: persons.map((person) => Object.keys(COLUMNS).map((name) => person[name] ?? "")),
    }),
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
