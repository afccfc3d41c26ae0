using HallOps.Core.Halls;
using HallOps.Displays.Serving;
using HallOps.Displays.Texts;
using HallOps.Silo;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace HallOps.Displays.Components;

/// <summary>What every page has: the request, its language, the halls, and an answer in its place where it cannot be shown.</summary>
public abstract class PageBase : ComponentBase
{
    [CascadingParameter] public HttpContext Http { get; set; } = null!;

    [CascadingParameter] public Language Language { get; set; }

    [Inject] public IHalls Halls { get; set; } = null!;

    [Inject] public IPageServer Server { get; set; } = null!;

    protected PageCaller Caller => Server.CallerOf(Http);

    /// <summary>What is shown in the page's place; null: the page itself.</summary>
    protected PageAnswer? Answer { get; private set; }

    /// <summary>Reads what the page shows; an answer where there is nothing to show. A hall that cannot be read is answered for all pages alike.</summary>
    protected abstract Task<PageAnswer?> LoadAsync(CancellationToken cancel);

    /// <summary>Loads before the first rendering: a page has no look of its own without what it shows.</summary>
    public sealed override async Task SetParametersAsync(ParameterView parameters)
    {
        parameters.SetParameterProperties(this);
        try
        {
            Answer = await LoadAsync(Http.RequestAborted);
        }
        catch (HallUnavailableException)
        {
            Answer = PageAnswer.Unavailable;
        }
        if (Answer is { } answer)
        {
            // Set when the answer starts: a 404 that is there while components are rendered makes the framework send no page at all.
            Http.Response.OnStarting(() =>
            {
                Http.Response.StatusCode = answer.Status;
                if (answer.Location is { } location) Http.Response.Headers.Location = location;
                return Task.CompletedTask;
            });
        }
        await base.SetParametersAsync(ParameterView.Empty);
    }

    /// <summary>Null when the one who asks has the role in the hall; else they are sent to sign in, or told that they have no rights.</summary>
    protected PageAnswer? Need(PageRole role, HallId hall)
    {
        var caller = Caller;
        if (caller.Account is null) return PageAnswer.SignInFor(Http.Request);
        return caller.Has(role, hall) ? null : PageAnswer.NoRights(caller.Account);
    }

    /// <summary>Null when the one who asks is a device of this kind, hall and, where given, window.</summary>
    /// <param name="kind">As <see cref="PageDevice.Kind"/>.</param>
    protected PageAnswer? NeedDevice(string kind, HallId hall, WindowId? window = null) => Caller.Device switch
    {
        null => PageAnswer.NotEnrolled,
        var device => device.Kind == kind && device.Hall == hall && (window is null || device.Window == window) ? null : PageAnswer.OtherDevice,
    };

    protected string Say(Text text) => text.In(Language);
}

/// <summary>A page in the place of another: why it cannot be shown, and what to do.</summary>
/// <param name="Retry">It is loaded again by itself.</param>
/// <param name="SignIn">Another account may help.</param>
/// <param name="Location">Where the browser is sent instead.</param>
public sealed record PageAnswer(int Status, Text Title, Text Body, bool Retry = false, bool SignIn = false, string? Location = null)
{
    public static PageAnswer NotFound => new(StatusCodes.Status404NotFound, AnswerTexts.NotFoundTitle, AnswerTexts.NotFound);
    public static PageAnswer NotEnrolled => new(StatusCodes.Status403Forbidden, AnswerTexts.NotEnrolledTitle, AnswerTexts.NotEnrolled);
    public static PageAnswer OtherDevice => new(StatusCodes.Status403Forbidden, AnswerTexts.OtherDeviceTitle, AnswerTexts.OtherDevice);
    public static PageAnswer Unavailable => new(StatusCodes.Status503ServiceUnavailable, AnswerTexts.UnavailableTitle, AnswerTexts.Unavailable, Retry: true);
    public static PageAnswer UnknownTicket => new(StatusCodes.Status404NotFound, AnswerTexts.UnknownTicketTitle, AnswerTexts.UnknownTicket);

    public static PageAnswer UnknownHall(string hall) => new(StatusCodes.Status404NotFound, AnswerTexts.UnknownHallTitle, AnswerTexts.UnknownHall.With(hall));

    public static PageAnswer UnknownZone(string zone) => new(StatusCodes.Status404NotFound, AnswerTexts.UnknownZoneTitle, AnswerTexts.UnknownZone.With(zone));

    public static PageAnswer UnknownWindow(string window) => new(StatusCodes.Status404NotFound, AnswerTexts.UnknownWindowTitle, AnswerTexts.UnknownWindow.With(window));

    public static PageAnswer NoRights(string account) => new(StatusCodes.Status403Forbidden, AnswerTexts.NoRightsTitle, AnswerTexts.NoRights.With(account), SignIn: true);

    /// <summary>To the sign-in page, and from there back to what was asked for.</summary>
    public static PageAnswer SignInFor(HttpRequest request) =>
        new(StatusCodes.Status302Found, SignInTexts.Title, SignInTexts.Missing, Location: $"/sign-in?to={Uri.EscapeDataString(request.Path + request.QueryString)}");
}
