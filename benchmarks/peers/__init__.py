"""The public list served in other ways: with Django's rows and templates alone, and as JSON by Litestar."""
