"""The whole worker desk on one page."""



urlpatterns: list = []
