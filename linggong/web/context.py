"""What every page knows."""


def page(request):
    """Placeholder until the desks are mounted."""
    return {}
