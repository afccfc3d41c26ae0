using HallOps.Core.Halls;

namespace HallOps.Core.Metrics;

/// <summary>
/// One service of a visit as figures need it (DOMAIN.md, "Numbers that people trust"), from the table <c>legs</c> or a file of visits. Instants are milliseconds since 1970-01-01Z, or of any other clock
/// that all legs of one report share.
/// </summary>
public sealed record MetricLeg
{
    public required string Hall { get; init; }

    /// <summary>Where its hall is; null where that is not known.</summary>
    public string? Region { get; init; }

    /// <summary>The visit in its hall: the legs of one share it.</summary>
    public required long Ticket { get; init; }

    /// <summary>1 for the first service of the visit.</summary>
    public int Leg { get; init; } = 1;

    /// <summary>Its service day.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>When it joined, on the hall's wall: what the leg belongs to by hour, weekday and quarter.</summary>
    public required DateTime Joined { get; init; }

    public required long JoinedAt { get; init; }

    /// <summary>From when waiting counts; null where that is not known. After the call, or after now, of a slot that is still to come.</summary>
    public required long? Since { get; init; }

    /// <summary>Null where it was never called.</summary>
    public long? FirstCalledAt { get; init; }

    /// <summary>The last summons.</summary>
    public long? CalledAt { get; init; }

    public long? StartedAt { get; init; }

    public long? FinishedAt { get; init; }

    /// <summary>When its outcome was known; null while it is open, and where nobody wrote it down.</summary>
    public long? EndedAt { get; init; }

    public LegOutcome Outcome { get; init; }

    public FinishOutcome? FinishOutcome { get; init; }

    public Grade? Grade { get; init; }

    public string Service { get; init; } = "";

    public string Line { get; init; } = "";

    public string? Department { get; init; }

    /// <summary>Of the last call.</summary>
    public string? Window { get; init; }

    /// <summary>Of the last call, or of the finish.</summary>
    public string? Staff { get; init; }

    /// <summary>The wait its visitor was told at issue, low to high; null where nothing was told.</summary>
    public Told? Told { get; init; }

    /// <summary>How often its visitor had been sent home for the same matter before.</summary>
    public int ToldBefore { get; init; }

    /// <summary>Working days, of a service that has both limits.</summary>
    public (int Promised, int Statutory)? Days { get; init; }

    /// <summary>What its wait should at most be, as its line said when it began; null where the line has no target of its own.</summary>
    public long? Target { get; init; }

    /// <summary>Of a visitor who was served, held (away copying or paying) and called again: the wait and the walk of the call that was answered first, and how long the services were that the holds broke off. Milliseconds.</summary>
    public (long Wait, long Walk, long Serving)? BeforeHold { get; init; }

    /// <summary>Where starts are not recorded at all, a call is its own answer unless its outcome says otherwise: see <see cref="Wait"/>.</summary>
    public bool CallIsAnswer { get; init; }

    /// <summary>Nobody knows of it after that: of an imported visit without an end, that of its day. Null: it is followed to now.</summary>
    public long? KnownUntil { get; init; }

    /// <summary>From when waiting counts to the first call that was answered; null where none was. Whoever is called before the slot they booked did not wait.</summary>
    public long? Wait => BeforeHold is { } before ? before.Wait : Since is { } since && CalledAt is { } called && IsAnswered ? Math.Max(0, called - since) : null;

    /// <summary>From that call to the start.</summary>
    public long? Walk => BeforeHold is { } before ? before.Walk : StartedAt is { } started && CalledAt is { } called ? Math.Max(0, started - called) : null;

    /// <summary>From start to finish, less what the visitor was away for; null of a service that was not finished here.</summary>
    public long? Serving => FinishedAt is { } finished && StartedAt is { } started ? Math.Max(0, finished - started) + (BeforeHold?.Serving ?? 0) : null;

    /// <summary>How long one waited at least of whom no answered call is known: still there, or gone; null of all others. A leg that went on elsewhere waits there.</summary>
    /// <param name="now">Counts for those still there.</param>
    public long? WaitedAtLeast(long now)
    {
        if (IsAnswered || Since is not { } since) return null;
        return Outcome switch
        {
            LegOutcome.Open => Math.Max(0, Math.Min(now, KnownUntil ?? now) - since),
            // Over at the end of the day, maybe; that they waited longer than to the call nobody knows.
            LegOutcome.NoShow when CalledAt >= since => CalledAt - since,
            LegOutcome.Abandoned or LegOutcome.Withdrawn or LegOutcome.NoShow when EndedAt is { } ended => Math.Max(0, ended - since),
            _ => null,
        };
    }

    /// <summary>What of it was known at an instant; null where it had not joined.</summary>
    public MetricLeg? AsOf(long at)
    {
        if (JoinedAt > at) return null;
        long? Known(long? instant) => instant <= at ? instant : null;
        var isOver = Outcome != LegOutcome.Open && (EndedAt ?? FinishedAt ?? StartedAt ?? CalledAt ?? JoinedAt) <= at;
        var isCalled = CalledAt is null || CalledAt <= at;
        var wasCalled = (FirstCalledAt ?? CalledAt) <= at;
        return this with
        {
            FirstCalledAt = Known(FirstCalledAt),
            CalledAt = isCalled ? CalledAt : Known(FirstCalledAt),
            StartedAt = Known(StartedAt),
            FinishedAt = Known(FinishedAt),
            EndedAt = isOver ? EndedAt : null,
            Outcome = isOver ? Outcome : LegOutcome.Open,
            FinishOutcome = isOver ? FinishOutcome : null,
            Grade = isOver ? Grade : null,
            Window = wasCalled ? Window : null,
            Staff = wasCalled ? Staff : null,
        };
    }

    private bool IsAnswered => BeforeHold is not null || StartedAt is not null || Outcome == LegOutcome.Served || (CallIsAnswer && CalledAt is not null && Outcome is not (LegOutcome.NoShow or LegOutcome.Withdrawn or LegOutcome.Abandoned));
}

/// <summary>A wait as told at issue, in milliseconds.</summary>
public readonly record struct Told(long Low, long Median, long High);
