"""Files for programs that use the running stack: a Next.js app and an editor's HTTP client."""

from string import Template

from local.description import Description
from local.environment import REVALIDATION
from local.state import State, write_atomically

NEXT = Template("""\
# The local stack, for a Next.js app: copy this to its .env.local. The keys change with `make reset`.
NEXT_PUBLIC_API_URL=$api
NEXT_PUBLIC_SUPABASE_URL=$supabase
NEXT_PUBLIC_SUPABASE_PUBLISHABLE_KEY=$publishable_key
NEXT_PUBLIC_SUPABASE_ANON_KEY=$publishable_key
SUPABASE_SECRET_KEY=$secret_key
# What the API sends to the route handler that FRONTEND names, when somebody's permissions have changed.
NEXT_REVALIDATE_SECRET=$revalidate_secret
""")
REQUESTS = Template("""\
# The local stack, for the REST client of VS Code or JetBrains: send "Sign in" first.
@api = $api
@token = {{session.response.body.access_token}}

### Sign in as the organizer
# @name session
POST $supabase/auth/v1/token?grant_type=password
apikey: $publishable_key
Content-Type: application/json

{"email": "$email", "password": "$password"}

### Find a voter
POST {{api}}/api/essearch-common
Authorization: Bearer {{token}}
Content-Type: application/json

{"lastName": "Adams", "limit": 5}

### Find a voter with credentials chosen by their name
POST {{api}}/api/essearch
Authorization: Bearer {{token}}
Content-Type: application/json

{"lastName": "Adams", "limit": 5, "credentials": {"name": "search"}}

### Has this voter signed?
POST {{api}}/api/duplicate
Authorization: Bearer {{token}}
Content-Type: application/json

{"campaignId": "$campaign", "voterId": "$signed"}

### Generate a chart
POST {{api}}/api/charts/$chart
Authorization: Bearer {{token}}

### Drop the cached permissions
POST {{api}}/api/permissions/revalidate
Authorization: Bearer {{token}}
""")


def write(stack: Description, state: State) -> None:
    """Write both files beside `stack.json`."""
    values = {
        "api": stack.api,
        "supabase": stack.supabase.url,
        "publishable_key": stack.supabase.publishable_key,
        "secret_key": stack.supabase.secret_key,
        "revalidate_secret": state.secret(REVALIDATION),
        "email": stack.users.organizer.email,
        "password": stack.users.organizer.password,
        "campaign": stack.campaign.id,
        "signed": stack.campaign.signed_voter_id,
        "chart": stack.chart.id,
    }
    write_atomically(state.next_file, NEXT.substitute(values))
    write_atomically(state.requests_file, REQUESTS.substitute(values))
