"""The six words that a page offers somebody who chooses a passphrase."""

from django.http import HttpRequest

from keys.services import is_proposal, propose_passphrase


def proposal_for(request: HttpRequest) -> dict[str, object]:
    """Gather what `access/_proposal.html` shows: the words of the page before, unless six others were asked for."""
    # Only the page remembers what it showed: whoever copied the words before a slip finds the same ones again.
    shown = request.POST.get("shown", "")
    proposal = shown if is_proposal(shown) and "another" not in request.POST else propose_passphrase()
    return {"proposal": proposal, "words": proposal.split()}
