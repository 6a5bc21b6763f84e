from django.urls import path

from clients.views import arriving, caring, caseloads, inviting, keeping, people, sharing

app_name = "clients"
urlpatterns = [
    path("clients/", caring.browse, name="browse"),
    path("clients/invite/", inviting.invite, name="invite"),
    path("clients/hand-over/", caseloads.pass_on, name="hand_over_caseload"),
    path("clients/<uuid:client_id>/", caring.read, name="read"),
    path("clients/<uuid:client_id>/contact/", inviting.correct, name="correct"),
    path("clients/<uuid:client_id>/invitation/", inviting.renew, name="renew_invitation"),
    path("clients/<uuid:client_id>/invitation/withdraw/", inviting.withdraw, name="withdraw_invitation"),
    path("clients/<uuid:client_id>/invitation/again/", inviting.invite_again, name="invite_again"),
    path("clients/<uuid:client_id>/care/", caring.start, name="start_care"),
    path("clients/<uuid:client_id>/care/end/", sharing.end, name="end_care"),
    path("clients/<uuid:client_id>/hand-over/", sharing.pass_on, name="hand_over"),
    path("clients/<uuid:client_id>/readers/", sharing.browse, name="browse_readers"),
    path("clients/<uuid:client_id>/share/", sharing.share, name="share"),
    path("clients/<uuid:client_id>/identity/", caring.confirm, name="confirm_identity"),
    path("clients/keeping/", keeping.review, name="review_keeping"),
    path("clients/keeping/carry-out/", keeping.carry_out, name="carry_out"),
    path("clients/keeping/certificates/<uuid:tombstone_id>/", keeping.certify, name="certificate"),
    path("clients/keeping/certificates/<uuid:tombstone_id>/text/", keeping.download, name="download_certificate"),
    path("clients/<uuid:client_id>/keeping/", keeping.keep, name="keep"),
    path("clients/<uuid:client_id>/keeping/hold/", keeping.hold, name="hold"),
    path("clients/<uuid:client_id>/keeping/lift/", keeping.lift, name="lift_hold"),
    path("clients/<uuid:client_id>/keeping/longer/", keeping.longer, name="keep_longer"),
    path("clients/<uuid:client_id>/keeping/destroy/", keeping.destroy, name="destroy"),
    path("clients/<uuid:client_id>/keeping/undo/", keeping.undo, name="undo_destruction"),
    path("people/<uuid:user_id>/confirm/", people.confirm_colleague, name="confirm_staff"),
    path("people/<uuid:user_id>/caseload/", caseloads.move, name="move_caseload"),
    path("begin/your-second-factor/", arriving.set_factor, name="set_factor"),
    path("begin/your-second-factor/mail/", arriving.mail_code, name="mail_code"),
    path("my/<uuid:client_id>/letters/", arriving.my_letters, name="my_letters"),
    path("my/<uuid:client_id>/readers/", arriving.my_readers, name="my_readers"),
    path("my/<uuid:client_id>/looks/", arriving.my_looks, name="my_looks"),
    path("my/invitation/", arriving.join, name="join"),
]
