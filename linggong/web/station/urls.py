"""The whole station desk on one page."""



urlpatterns: list = []
