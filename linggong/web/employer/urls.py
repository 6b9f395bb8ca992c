"""The whole employer desk on one page."""



urlpatterns: list = []
