"""The doors of the public desk: in, out, joining, staff, the demo, setting up, and where providers call."""

from django.urls import path

from linggong.web.public import demo, hooks, join, mode, set_up, set_up_more, sign_in, staff_sign_in, verify_self

urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/check/", sign_in.check, name="sign_in_check"),
    path("sign-in/again/", sign_in.again, name="sign_in_again"),
    path("sign-in/code/", sign_in.printed, name="sign_in_printed"),
    path("sign-in/prove/", sign_in.prove, name="sign_in_prove"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("join/", join.begin, name="join"),
    path("join/who/", join.who, name="join_who"),
    path("join/area/", join.area, name="join_area"),
    path("join/trades/", join.trades, name="join_trades"),
    path("join/check/", join.check, name="join_check"),
    path("join/done/", join.done, name="join_done"),
    path("join/verify/", verify_self.verify, name="join_verify"),
    path("staff/", staff_sign_in.staff, name="staff"),
    path("staff/second/", staff_sign_in.second, name="staff_second"),
    path("staff/second/enrol/", staff_sign_in.enrol, name="staff_enrol"),
    path("staff/shift/", staff_sign_in.shift, name="staff_shift"),
    path("staff/pin/", staff_sign_in.pin, name="staff_pin"),
    path("staff/device/", staff_sign_in.enrol_device, name="staff_device"),
    path("staff/device/end/", staff_sign_in.end_device, name="staff_device_end"),
    path("mode/", mode.choose, name="mode"),
    path("mode/ask/", mode.ask, name="mode_ask"),
    path("demo/", demo.show, name="demo"),
    path("demo/enter/<slug:role>/", demo.enter, name="demo_enter"),
    path("set-up/", set_up.set_up, name="set_up"),
    path("set-up/check/", set_up.check, name="set_up_check"),
    path("set-up/more/", set_up_more.more, name="set_up_more"),
    path("set-up/codes/print/", set_up_more.print_codes, name="set_up_codes"),
    path("set-up/rules/", set_up_more.show_rules, name="set_up_rules"),
    path("set-up/rules/adopt/", set_up_more.adopt, name="set_up_adopt"),
    path("set-up/rules/approve/", set_up_more.approve, name="set_up_approve"),
    path("set-up/people-list/", set_up_more.people, name="set_up_people"),
    path("set-up/people-list/bring-in/", set_up_more.bring_in, name="set_up_bring_in"),
    path("set-up/people-list/errors/", set_up_more.people_errors, name="set_up_people_errors"),
    path("set-up/<slug:step>/", set_up.set_up, name="set_up_step"),
    # The providers' side of these addresses is agreed in docs/protocols and entered in their consoles.
    path("hear/sms-reports/<slug:token>/", hooks.sms_reports, name="hear_sms_reports"),
    path("hear/sms-replies/<slug:token>/", hooks.sms_replies, name="hear_sms_replies"),
    path("hear/wages/", hooks.wages, name="hear_wages"),
    path("hear/insurer/", hooks.cover, name="hear_insurer"),
]
