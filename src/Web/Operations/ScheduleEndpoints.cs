using HallOps.Silo;
using HallOps.Silo.Scheduling;
using HallOps.Web.Accounts;
using HallOps.Web.Audit;
using HallOps.Web.Problems;
using HallOps.Web.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HallOps.Web.Operations;

/// <param name="Halls">Soonest first, at most as many as asked for; those being poked now, without <c>pokeAt</c>, before them.</param>
/// <param name="HallCount">How many there are in all.</param>
/// <param name="Pokes">The newest first, at most as many as asked for.</param>
/// <param name="Work">The last run of each hourly work.</param>
/// <param name="WorkAt">The next run; null before the first.</param>
/// <param name="Problems">As in <c>/health</c>.</param>
public sealed record ScheduleView(ClockView Clock, int HallCount, IReadOnlyList<PlannedView> Halls, IReadOnlyList<PokeView> Pokes, IReadOnlyList<WorkView> Work, DateTimeOffset? WorkAt, IReadOnlyList<string> Problems);

/// <param name="HallTime">The clock of all halls.</param>
/// <param name="StepSeconds">A step of the system clock that halls do not follow (yet): above 0 where it went forward.</param>
/// <param name="NeedsAccepting">They follow it only when an admin accepts it, or after a restart.</param>
/// <param name="AheadSeconds">What the halls' clock makes up by running slower; below 0: faster.</param>
/// <param name="Speed">Seconds of the halls a real second; 1 but in a demonstration.</param>
public sealed record ClockView(DateTimeOffset HallTime, DateTimeOffset SystemTime, double StepSeconds, bool NeedsAccepting, double AheadSeconds, double Speed)
{
    public static ClockView Of(HallClock clock)
    {
        var reading = clock.Read();
        return new ClockView(reading.HallTime.ToDateTimeOffset(), reading.SystemTime, reading.Step.TotalSeconds, reading.NeedsAccepting, reading.Ahead.TotalSeconds, clock.Speed);
    }
}

/// <param name="NextAt">When time alone changes the hall next, as last heard.</param>
public sealed record PlannedView(string Hall, DateTimeOffset? NextAt, DateTimeOffset? PokeAt);

public sealed record PokeView(string Hall, DateTimeOffset PlannedAt, DateTimeOffset DoneAt, double LateSeconds, PokeResult Result);

public sealed record WorkView(string Name, DateTimeOffset DoneAt, bool Failed, string Outcome);

/// <param name="StepSeconds">The step as <c>GET schedule</c> shows it: what is accepted is what was looked at.</param>
public sealed record AcceptStepBody(double? StepSeconds);

/// <summary>What halls wait for and what the clock does, for admins; and the word that a step of the system clock is right.</summary>
public static class ScheduleEndpoints
{
    // As many pokes as are kept; more halls than a city has.
    private const int MaxRows = 1_000;

    public static void MapSchedule(this IEndpointRouteBuilder api)
    {
        api.MapGet("/schedule", Read);
        api.MapPost("/clock/accept", AcceptAsync).Accepts<AcceptStepBody>("application/json");
    }

    private static Results<Ok<ScheduleView>, Problem> Read(HttpContext http, PokeSchedule schedule, HallClock clock, int limit = 100)
    {
        if (http.AdminSomewhere(out var admin) is { } refused) return refused;
        if (limit is < 1 or > MaxRows) return Problem.BadField("limit", $"must be from 1 to {MaxRows}");
        http.Response.Headers.CacheControl = "no-store";
        var reading = schedule.Read();
        var halls = reading.Halls.Where(h => admin.IsAdminOf(h.Hall)).ToList();
        return TypedResults.Ok(new ScheduleView(ClockView.Of(clock), halls.Count,
            [.. halls.Take(limit).Select(h => new PlannedView(h.Hall.Value, WireTime.At(h.NextAt, null), WireTime.At(h.PokeAt, null)))],
            [.. reading.Pokes.Where(p => admin.IsAdminOf(p.Hall)).Take(limit).Select(p => new PokeView(p.Hall.Value, p.PlannedAt.ToDateTimeOffset(), p.DoneAt.ToDateTimeOffset(), p.Late.TotalSeconds, p.Result))],
            [.. reading.Work.Select(w => new WorkView(w.Name, w.DoneAt.ToDateTimeOffset(), w.Failed, w.Outcome))], WireTime.At(reading.WorkAt, null),
            [.. clock.Read().Problem is { } problem ? [problem] : Array.Empty<string>(), .. schedule.Problems]));
    }

    private static async Task<Results<Ok<ClockView>, Problem>> AcceptAsync(HttpContext http, HallClock clock, HallOpsDb database, AuditLog audit)
    {
        if (http.AdminSomewhere(out var admin) is { } refused) return refused;
        // One clock for all halls.
        if (!admin.HasEverywhere(Role.Admin)) return Problem.Of("NotAllowed");
        var (body, wrong) = await http.ReadBodyAsync<AcceptStepBody>();
        if (body is null) return wrong!;
        if (body.StepSeconds is not { } seconds || !(Math.Abs(seconds) < TimeSpan.MaxValue.TotalSeconds / 2)) return Problem.BadField("stepSeconds", "must be the step that GET schedule shows, in seconds");
        var step = TimeSpan.FromSeconds(seconds);
        if (!clock.Has(step)) return Problem.Of("NoClockStep");
        // First, so that no step is followed of which nobody can say who accepted it.
        await audit.AddAloneAsync(database, new AuditEntry(admin.Id, AuditWords.ClockAccepted, null, Detail: FormattableString.Invariant($"the system clock {(step < TimeSpan.Zero ? "back" : "forward")} by {Math.Abs(seconds):0} s")), http.RequestAborted);
        return clock.Accept(step) ? TypedResults.Ok(ClockView.Of(clock)) : Problem.Of("NoClockStep");
    }
}
