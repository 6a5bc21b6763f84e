from django.urls import path

from access.views import coming_back, enrolling, factors, passphrases, people, recovering, signing_in

app_name = "access"
urlpatterns = [
    path("sign-in/", signing_in.enter, name="sign_in"),
    path("sign-in/code/", signing_in.send_code, name="send_code"),
    path("sign-out/", signing_in.leave_session, name="sign_out"),
    path("signed-out/", signing_in.signed_out, name="signed_out"),
    path("help/", signing_in.find_help, name="find_help"),
    path("leave/", signing_in.leave, name="leave"),
    path("session/status/", signing_in.status, name="status"),
    path("session/stay/", signing_in.stay, name="stay"),
    path("welcome/<str:token>/", enrolling.open_invitation, name="open_invitation"),
    path("welcome/<str:token>/passphrase/", enrolling.choose_passphrase, name="choose_passphrase"),
    path("welcome/<str:token>/new-keys/", coming_back.make_keys, name="make_keys"),
    path("welcome/<str:token>/new-keys/typed/", coming_back.prove_keys, name="prove_keys"),
    path("begin/second-factor/", enrolling.set_factor, name="set_factor"),
    path("begin/recovery-code/", enrolling.keep_recovery_code, name="keep_recovery_code"),
    path("begin/recovery-code/typed/", enrolling.retype_recovery_code, name="retype_recovery_code"),
    path("begin/waiting/", enrolling.wait, name="wait"),
    path("locked-out/", recovering.find_way_back, name="find_way_back"),
    path("recover/", recovering.recover, name="recover"),
    path("people/", people.browse_staff, name="browse_staff"),
    path("people/settings/", people.set_practice, name="set_practice"),
    path("people/invite/", people.invite_colleague, name="invite_staff"),
    path("people/<uuid:user_id>/second-factor/remove/", factors.remove_factor, name="remove_factor"),
    path("people/<uuid:user_id>/invitation/withdraw/", people.withdraw_colleague, name="withdraw_invitation"),
    path("account/", people.read_account, name="read_account"),
    path("account/passphrase/", passphrases.change_passphrase, name="change_passphrase"),
    path("account/new-keys/", passphrases.replace_keys, name="replace_keys"),
    path("account/recovery-code/", recovering.prove_recovery_code, name="prove_recovery_code"),
    path("account/recovery-code/new/", recovering.renew_recovery_code, name="renew_recovery_code"),
    path("account/second-factor/", factors.begin_app, name="begin_app"),
    path("account/second-factor/app/", factors.change_app, name="change_app"),
    path("account/backup-codes/", factors.print_backup_codes, name="print_backup_codes"),
    path("account/sign-out-elsewhere/", signing_in.leave_elsewhere, name="sign_out_elsewhere"),
]
