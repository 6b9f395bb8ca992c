"""The whole bureau desk on one page."""



urlpatterns: list = []
