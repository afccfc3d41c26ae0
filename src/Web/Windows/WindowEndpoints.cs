using System.Text.Json.Serialization.Metadata;
using HallOps.Core.Halls;
using HallOps.Web.Problems;
using HallOps.Web.Tickets;

namespace HallOps.Web.Windows;

/// <summary>What the one who sits at a window does, and what a manager does to it.</summary>
public static class WindowEndpoints
{
    private const int MaxItems = 1000;
    private const int MaxMinutes = 24 * 60;

    public static void MapWindows(this IEndpointRouteBuilder api)
    {
        var window = api.MapGroup("/halls/{hall}/windows/{window}");
        Map<SitBody, WindowNow>(window, "/open", Act.WorkWindow, Wire.Json.SitBody, static (at, body, _) => Sit(at, body, static (w, by, staff) => new OpenWindow(w, by, staff)));
        Map<SitBody, WindowNow>(window, "/take-over", Act.WorkWindow, Wire.Json.SitBody, static (at, body, _) => Sit(at, body, static (w, by, staff) => new TakeOverWindow(w, by, staff)));
        Map<NoBody, WindowNow>(window, "/close", Act.WorkWindow, Wire.Json.NoBody, static (at, _, _) => Of(new CloseWindow(at.Window, at.By)));
        Map<PauseBody, WindowNow>(window, "/pause", Act.WorkWindow, Wire.Json.PauseBody, static (at, body, _) => Pause(at, body));
        Map<NoBody, WindowNow>(window, "/resume", Act.WorkWindow, Wire.Json.NoBody, static (at, _, _) => Of(new ResumeWindow(at.Window, at.By)));
        Map<OutcomeBody, FinishedAndCalled>(window, "/next", Act.WorkWindow, Wire.Json.OutcomeBody, NextAsync);
        Map<NoBody, ClerkTicket>(window, "/call-next", Act.WorkWindow, Wire.Json.NoBody, static (at, _, _) => Of(new CallNext(at.Window, at.By)))
            .Produces(StatusCodes.Status204NoContent);
        Map<NoBody, ClerkTicket>(window, "/recall", Act.WorkWindow, Wire.Json.NoBody, static (at, _, _) => Of(new Recall(at.Window, at.By)));
        Map<NoBody, ClerkTicket>(window, "/start", Act.WorkWindow, Wire.Json.NoBody, static (at, _, _) => Of(new StartService(at.Window, at.By)));
        Map<FinishBody, ClerkTicket>(window, "/finish", Act.WorkWindow, Wire.Json.FinishBody, FinishAsync);
        Map<NoBody, ClerkTicket>(window, "/no-show", Act.WorkWindow, Wire.Json.NoBody, static (at, _, _) => Of(new MarkNoShow(at.Window, at.By)));
        Map<NumberBody, ClerkTicket>(window, "/return", Act.WorkWindow, Wire.Json.NumberBody, static (at, body, _) => string.IsNullOrEmpty(body.Number) ? NumberMissing() : Of(new ReturnAtWindow(at.Window, at.By, body.Number)));
        Map<NumberBody, ClerkTicket>(window, "/back", Act.WorkWindow, Wire.Json.NumberBody, static (at, body, _) => string.IsNullOrEmpty(body.Number) ? NumberMissing() : Of(new ReturnAtWindow(at.Window, at.By, body.Number)));
        Map<NoBody, ClerkTicket>(window, "/hold", Act.WorkWindow, Wire.Json.NoBody, static (at, _, _) => Of(new HoldTicket(at.Window, at.By)));
        Map<StageBody, ClerkTicket>(window, "/stage", Act.WorkWindow, Wire.Json.StageBody, static (at, body, _) =>
            body.Stage is { } stage ? Of(new MarkStage(at.Window, at.By, stage)) : Bad("stage", "must be " + AllowedValues.OneOf(Enum.GetNames<Stage>())));
        Map<TransferBody, ClerkTicket>(window, "/transfer", Act.WorkWindow, Wire.Json.TransferBody, static (at, body, _) => PassOn(at, body));
        Map<NoBody, ClerkTicket>(window, "/accept", Act.WorkWindow, Wire.Json.NoBody, static (at, _, _) => Of(new AcceptMatter(at.Window, at.By)));
        Map<CallBody, ClerkTicket>(window, "/call", Act.CallChosen, Wire.Json.CallBody, CallAsync);
        Map<ProfileBody, WindowNow>(window, "/profile", Act.ChangeProfile, Wire.Json.ProfileBody, static (at, body, _) => Profile(at, body), put: true);
    }

    /// <summary>Where and by whom, for what makes the command.</summary>
    private readonly record struct At(HttpContext Http, WindowId Window, Clerk By);

    /// <summary>A command, or what is wrong with the body.</summary>
    private readonly struct Made
    {
        public Made(HallCommand command) => Command = command;
        public Made(Problem problem) => Problem = problem;
        public HallCommand? Command { get; }
        public Problem? Problem { get; }
    }

    private static RouteHandlerBuilder Map<TBody, TReply>(RouteGroupBuilder window, string path, Act act, JsonTypeInfo<TBody> type, Func<At, TBody, HallDoor, ValueTask<Made>> make, bool put = false)
        where TBody : class
    {
        return (put ? window.MapPut(path, DoAsync) : window.MapPost(path, DoAsync)).Commands<TBody, TReply>(act);

        async Task<IResult> DoAsync(string hall, string window, HttpContext http, HallDoor door)
        {
            var entry = await HallDoor.EnterAsync(http, act, new HallId(hall), type);
            if (!entry.IsIn) return entry.Problem;
            var made = await make(new At(http, new WindowId(window), entry.Caller.AsClerk(entry.Hall)), entry.Body, door);
            if (made.Problem is { } bad) return bad;
            var sent = await door.SendAsync(entry.Caller, entry.Hall, made.Command!, entry.Key);
            if (!sent.IsDone) return sent.Problem;
            var zone = sent.Answer.Zone;
            return sent.Answer.Reply switch
            {
                NextReply next when made.Command is Next => new Answer<FinishedAndCalled>(StatusCodes.Status200OK,
                    new FinishedAndCalled(next.Finished is { } f ? ClerkTicket.Of(f, zone) : null, next.Called is { } c ? ClerkTicket.Of(c, zone) : null), Wire.Json.FinishedAndCalled),
                NextReply { Called: null, Finished: null } => TypedResults.NoContent(),
                NextReply next => TicketNow(next.Called ?? next.Finished!, zone),
                TicketReply ticket => TicketNow(ticket, zone),
                WindowReply now => new Answer<WindowNow>(StatusCodes.Status200OK, WindowNow.Of(now, zone), Wire.Json.WindowNow),
                var other => throw new InvalidOperationException($"A window's command was answered with {other?.GetType().Name ?? "nothing"}."),
            };
        }
    }

    private static Answer<ClerkTicket> TicketNow(TicketReply ticket, TimeZoneInfo? zone) => new(StatusCodes.Status200OK, ClerkTicket.Of(ticket, zone), Wire.Json.ClerkTicket);

    private static ValueTask<Made> Sit(At at, SitBody body, Func<WindowId, Clerk, StaffId?, HallCommand> command)
    {
        var staff = body.Staff is { } named ? new StaffId(named) : at.By.Staff;
        return staff != at.By.Staff && !at.By.Manages ? new(new Made(Problem.Of("NotAllowed", ("field", "staff")))) : new(new Made(command(at.Window, at.By, staff)));
    }

    private static ValueTask<Made> Pause(At at, PauseBody body) =>
        body.Reason is null or PauseReason.Schedule
            ? Bad("reason", "must be " + AllowedValues.OneOf(Enum.GetNames<PauseReason>().Where(n => n != nameof(PauseReason.Schedule))))
            : new(new Made(new PauseWindow(at.Window, at.By, body.Reason.Value, body.Until is { } until ? Instant.From(until) : null)));

    private static async ValueTask<Made> NextAsync(At at, OutcomeBody body, HallDoor door)
    {
        if (body.Missing is not null && !Words.IsText(body.Missing)) return new(Problem.BadField("missing", Words.TextAllowed));
        return new(new Next(at.Window, at.By, body.Outcome, await door.KeepAsync(body.Missing, at.Http.RequestAborted)));
    }

    private static async ValueTask<Made> FinishAsync(At at, FinishBody body, HallDoor door)
    {
        if (body.Missing is not null && !Words.IsText(body.Missing)) return new(Problem.BadField("missing", Words.TextAllowed));
        if (body.Items is < 1 or > MaxItems) return new(Problem.BadField("items", $"must be a whole number from 1 to {MaxItems}"));
        return new(new FinishService(at.Window, at.By, body.Outcome, await door.KeepAsync(body.Missing, at.Http.RequestAborted), body.Items));
    }

    private static async ValueTask<Made> CallAsync(At at, CallBody body, HallDoor door)
    {
        if (string.IsNullOrEmpty(body.Number)) return new(Problem.BadField("number", "must be given: the number to call, like A042"));
        if (body.Reason is null || !Words.IsText(body.Reason)) return new(Problem.BadField("reason", Words.TextAllowed));
        return new(new CallTicket(at.Window, at.By, body.Number, (await door.KeepAsync(body.Reason, at.Http.RequestAborted))!.Value));
    }

    private static ValueTask<Made> PassOn(At at, TransferBody body)
    {
        string?[] named = [body.Line, body.Service, body.Window];
        return named.Count(n => !string.IsNullOrEmpty(n)) != 1
            ? Bad("service", "must be given, or else line or window: one of the three")
            : Of(new Transfer(at.Window, at.By, body.Line is { Length: > 0 } line ? new LineId(line) : null, body.Service is { Length: > 0 } service ? new ServiceId(service) : null,
                body.Window is { Length: > 0 } to ? new WindowId(to) : null, body.KeepPlace ?? false, body.ReturnHere ?? false));
    }

    private static ValueTask<Made> Profile(At at, ProfileBody body)
    {
        if (body.Lines is not { Count: > 0 }) return Bad("lines", "must be given: the lines the window serves from now on, at least one");
        var profile = new List<ProfileLine>(body.Lines.Count);
        for (var i = 0; i < body.Lines.Count; i++)
        {
            var line = body.Lines[i];
            if (string.IsNullOrEmpty(line?.Line)) return Bad($"lines[{i}].line", "must be given: a line of the hall");
            if (profile.Exists(p => p.Line.Value == line.Line)) return Bad($"lines[{i}].line", "is named twice; name every line once");
            if (line.AfterMinutes is < 0 or > MaxMinutes) return Bad($"lines[{i}].afterMinutes", $"must be a whole number from 0 to {MaxMinutes}");
            if (line.OnlyAfterWaitMinutes is < 0 or > MaxMinutes) return Bad($"lines[{i}].onlyAfterWaitMinutes", $"must be a whole number from 0 to {MaxMinutes}");
            profile.Add(new ProfileLine(new LineId(line.Line), line.AfterMinutes ?? 0, line.OnlyAfterWaitMinutes ?? 0));
        }
        return new(new Made(new ChangeProfile(at.Window, profile)));
    }

    private static ValueTask<Made> Of(HallCommand command) => new(new Made(command));

    private static ValueTask<Made> NumberMissing() => Bad("number", "must be given: the visitor's number, like A042");

    private static ValueTask<Made> Bad(string field, string allowed) => new(new Made(Problem.BadField(field, allowed)));
}
