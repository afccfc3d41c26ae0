using HallOps.Core.Halls;
using HallOps.Silo;

namespace HallOps.Web.Demo;

/// <summary>
/// A clerk of the demonstration at a window: opens it, calls, serves, recalls and misses, takes breaks, and goes home when the window has left the timetable for the day. Lunch is the calendar's: a window
/// that it pauses comes back by itself. Signed in as nobody else's stand-in, so that a person
/// who takes the window over, closes or pauses it is never worked against: what is refused is tried again later.
/// </summary>
internal sealed class DemoClerk(HallId hall, Seat seat, HallDoor door, HallClock clock, DemoVisitors visitors, Caller account, Random random, bool inMeeting)
{
    // For a person who took a number to try the demonstration and is called: time to look up from the telephone.
    private static readonly TimeSpan PersonWalks = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan PersonTakes = TimeSpan.FromMinutes(3);

    private readonly WindowId _window = new(seat.Window);
    private readonly Clerk _by = new(account.Account!, new StaffId(seat.Staff!), Manages: false);

    /// <summary>One day, until the last visitor has gone.</summary>
    public async Task WorkAsync(DateTimeOffset midnight, CancellationToken cancel)
    {
        await clock.UntilAsync(midnight.AddHours(8.5), cancel);
        await DelayAsync(0, 12, cancel);
        if (!await DoAsync(new OpenWindow(_window, _by, null))) return;
        await DelayAsync(4, 60, cancel);
        // No hall of the samples is open longer.
        var (closes, ends) = (midnight.AddHours(17), midnight.AddHours(19));
        if (inMeeting) await PauseAsync(PauseReason.Meeting, TimeSpan.FromMinutes(Draw(12, 18)), cancel);
        var rests = Now.AddMinutes(Draw(50, 110));
        while (Now < ends)
        {
            if (Now >= rests)
            {
                await PauseAsync(PauseReason.Break, TimeSpan.FromMinutes(Draw(5, 9)), cancel);
                rests = Now.AddMinutes(Draw(50, 110));
            }
            var sent = await SendAsync(new CallNext(_window, _by));
            if (!sent.IsDone)
            {
                // Not on duty, or somebody else's for now. In the evening it was released: nobody is left for it.
                if (Now >= closes && sent.Problem.Code == "WindowNotOpen") break;
                rests = Now.AddMinutes(Draw(50, 110));
                await DelayAsync(20, 40, cancel);
                continue;
            }
            var called = CalledBy(sent);
            if (called is null) await DelayAsync(8, 24, cancel);
            while (called is { } ticket) called = await ServeAsync(ticket, cancel);
        }
        await DoAsync(new CloseWindow(_window, _by));
    }

    private DateTimeOffset Now => clock.Now.ToDateTimeOffset().ToOffset(TimeSpan.FromHours(8));

    private async Task PauseAsync(PauseReason reason, TimeSpan time, CancellationToken cancel)
    {
        if (!await DoAsync(new PauseWindow(_window, _by, reason, clock.Now + time))) return;
        await clock.DelayAsync(time, cancel);
        var resumed = await SendAsync(new ResumeWindow(_window, _by));
        // The break went on into a time in which the window is not on duty: with the next session it is.
        while (!resumed.IsDone && resumed.Problem.Code == "NotScheduled" && Fact(resumed, "opensAt") is { } opens && opens < Now.Date.AddDays(1))
        {
            await clock.UntilAsync(opens, cancel);
            await DelayAsync(1, 30, cancel);
            resumed = await SendAsync(new ResumeWindow(_window, _by));
        }
    }

    private static DateTimeOffset? Fact(DoorAnswer refused, string name) => refused.Problem!.Members.FirstOrDefault(m => m.Name == name).Value as DateTimeOffset?;

    /// <summary>From a call to the end of the service or the miss; what "next" called then, null where nothing was.</summary>
    private async Task<TicketReply?> ServeAsync(TicketReply called, CancellationToken cancel)
    {
        var visitor = await visitors.FindAsync(called.Id);
        if (visitor is not null && visitor.Missed < visitor.Planned.Misses)
        {
            await MissAsync(visitor, cancel);
            return null;
        }
        await clock.DelayAsync(visitor?.Planned.Walk ?? PersonWalks, cancel);
        var started = await SendAsync(new StartService(_window, _by));
        // Left at the last moment; or the hall saw the start by itself, when the walk took longer than that.
        if (!started.IsDone && started.Problem.Code != "AlreadyStarted") return null;
        await clock.DelayAsync(visitor?.Planned.ServiceTime ?? PersonTakes, cancel);

        var outcome = visitor is null ? (FinishOutcome?)null : Enum.Parse<FinishOutcome>(visitor.Planned.Outcome, ignoreCase: true);
        var missing = await door.KeepAsync(visitor?.Planned.Missing, cancel);
        var callsOn = Draw(0, 1) < 0.6;
        var ended = await SendAsync(callsOn ? new Next(_window, _by, outcome, missing) : new FinishService(_window, _by, outcome, missing, 1));
        if (ended.IsDone && visitor?.Planned.Grade is { } grade)
            visitors.Later(visitors.RateAsync(visitor, Enum.Parse<Grade>(grade, ignoreCase: true), TimeSpan.FromSeconds(Draw(10, 240)), cancel));
        if (callsOn) return CalledBy(ended);
        await DelayAsync(4, 15, cancel);
        return null;
    }

    private async Task MissAsync(DemoVisitor visitor, CancellationToken cancel)
    {
        while (true)
        {
            await DelayAsync(22, 34, cancel);
            var missed = await SendAsync(new MarkNoShow(_window, _by));
            if (missed.IsDone)
            {
                visitor.Missed++;
                if (visitor.Planned.Returns || visitor.Missed < visitor.Planned.Misses) visitors.Later(visitors.ComeBackAsync(visitor, TimeSpan.FromMinutes(Draw(2, 9)), cancel));
                return;
            }
            // Somebody else's doing: cancelled meanwhile, or a person took the window over.
            if (missed.Problem.Code != "TooEarly" || !await DoAsync(new Recall(_window, _by))) return;
        }
    }

    private static TicketReply? CalledBy(DoorAnswer answer) => answer.Answer?.Reply is NextReply { Called: { } called } ? called : null;

    private async Task<bool> DoAsync(WindowCommand command) => (await SendAsync(command)).IsDone;

    private ValueTask<DoorAnswer> SendAsync(WindowCommand command) => door.SendAsync(account, hall, command, DoorKey.None);

    private Task DelayAsync(double fromSeconds, double toSeconds, CancellationToken cancel) => clock.DelayAsync(TimeSpan.FromSeconds(Draw(fromSeconds, toSeconds)), cancel);

    private double Draw(double from, double to) => from + (to - from) * random.NextDouble();
}
