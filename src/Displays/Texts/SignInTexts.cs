using HallOps.Core.Halls;

namespace HallOps.Displays.Texts;

/// <summary>The sign-in page and the page that enrols a device.</summary>
public static class SignInTexts
{
    public static TextFile File { get; } = new("SignIn");

    public static Text Title => File.Of();
    public static Text User => File.Of();
    public static Text Password => File.Of();
    public static Text Code => File.Of();
    public static Text CodeHint => File.Of();
    public static Text Missing => File.Of();
    public static Text SignedInAs => File.Of();
    public static Text EnrolTitle => File.Of();
    public static Text Enrolling => File.Of();
    public static Text Enrolled => File.Of();
    public static Text EnrolNeedsLink => File.Of();
    public static Text EnrolFailed => File.Of();
    public static Text EnrolFailedText => File.Of();
    public static Text WrongNeedsCode => File.Of();
    public static Text TotpTitle => File.Of();
    public static Text TotpLead => File.Of();
    public static Text TotpStepKey => File.Of();
    public static Text TotpOpen => File.Of();
    public static Text TotpStepCode => File.Of();
    public static Text TotpConfirm => File.Of();
    public static Text TotpWrong => File.Of();
    public static Text TotpLate => File.Of();
}
