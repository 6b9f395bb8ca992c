"""The whole public desk on one page."""



urlpatterns: list = []
