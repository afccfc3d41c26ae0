using HallOps.Core.Halls;

namespace HallOps.Core.Metrics;

/// <summary>What a <see cref="Tally"/> counts. The bytes of stored ones are in this order: add at the end, with a new version.</summary>
public enum Count
{
    /// <summary>Visits with a leg here.</summary>
    Tickets,
    /// <summary>Legs begun: "issued" of rates.</summary>
    Legs,
    /// <summary>Legs summoned at least once.</summary>
    Called,
    Open, Void, Transferred, Served, Withdrawn, NoShow, Abandoned,
    // As the clerk said at the finish.
    Done, Accepted, ToldOnce, Refused, Advice, Referred, Collected, Paid, Left,
    // As the visitor said.
    VerySatisfied, Satisfied, FairlySatisfied, Dissatisfied, VeryDissatisfied,
    /// <summary>Served for the second time or more: sent home for what was missing before.</summary>
    CameAgain,
    /// <summary>Legs whose wait was told at issue and is known.</summary>
    Told,
    /// <summary>Of those, how many waited between the low and the high that they were told.</summary>
    ToldWithin,
    /// <summary>Milliseconds: how much longer, in all, they waited than the median they were told.</summary>
    ToldTooLittle,
    /// <summary>Milliseconds: how much shorter.</summary>
    ToldTooMuch,
    /// <summary>Working days promised, in all, of legs served whose service has both limits.</summary>
    PromisedDays,
    StatutoryDays,
    /// <summary>Milliseconds that windows were open and not paused outside of sessions.</summary>
    OpenOutside,
}

/// <summary>
/// Everything that is counted of a set of legs, and of the windows they were served at: what a row of any report is told from. Tallies of parts add up to the tally of the whole, in any order; stored ones
/// keep durations by classes. Not thread-safe.
/// </summary>
public sealed class Tally
{
    /// <summary>Of the bytes; what another version wrote is made anew.</summary>
    public const int Version = 3;

    private static readonly int s_counts = Enum.GetValues<Count>().Length;
    private static readonly int s_uses = Enum.GetValues<WindowUse>().Length;
    private static readonly int s_pauses = Enum.GetValues<PauseReason>().Length;

    private readonly long[] _counts = new long[s_counts];
    private readonly long[] _uses = new long[s_uses];
    private readonly long[] _pauses = new long[s_pauses];
    private LineDurations _wait = new(), _left = new(), _unanswered = new();

    public long this[Count count] => _counts[(int)count];

    /// <summary>Waits of the legs whose call was answered.</summary>
    public Durations Wait { get; private set; } = new();

    public Durations Walk { get; private set; } = new();

    public Durations Service { get; private set; } = new();

    /// <summary>How long those waited who left without having been called: they would have had to wait longer.</summary>
    public Durations Left { get; private set; } = new();

    /// <summary>How long those waited at least who are still there, or whose call was not answered.</summary>
    public Durations Unanswered { get; private set; } = new();

    /// <summary>Legs that were there to be answered: numbers that became void, or that went on elsewhere before a call, were not.</summary>
    public long Offered => Wait.Count + Left.Count + Unanswered.Count;

    public long Rated => this[Count.VerySatisfied] + this[Count.Satisfied] + this[Count.FairlySatisfied] + Bad;

    /// <summary>The two worst grades.</summary>
    public long Bad => this[Count.Dissatisfied] + this[Count.VeryDissatisfied];

    /// <summary>Whether percentiles are those of the values themselves, and none is by classes.</summary>
    public bool IsExact => Wait.IsExact && Walk.IsExact && Service.IsExact && Left.IsExact && Unanswered.IsExact;

    /// <summary>Milliseconds of windows' time within sessions: all uses add up to the sessions, once for each window.</summary>
    public long this[WindowUse use] => _uses[(int)use];

    /// <summary>Of <see cref="WindowUse.Paused"/>.</summary>
    public long this[PauseReason reason] => _pauses[(int)reason];

    /// <param name="isFirstHere">The first leg of its visit in this tally: visits are counted once.</param>
    /// <param name="now">How long those still there have waited by then.</param>
    public void Add(MetricLeg leg, bool isFirstHere, long now)
    {
        ArgumentNullException.ThrowIfNull(leg);
        if (isFirstHere) _counts[(int)Count.Tickets]++;
        _counts[(int)Count.Legs]++;
        if ((leg.FirstCalledAt ?? leg.CalledAt) is not null) _counts[(int)Count.Called]++;
        _counts[(int)Count.Open + (int)leg.Outcome]++;
        if (leg.FinishOutcome is { } finish) _counts[(int)Count.Done + (int)finish]++;
        if (leg.Grade is { } grade) _counts[(int)Count.VerySatisfied + (int)grade]++;
        var served = leg.Outcome == LegOutcome.Served;
        if (served && leg.ToldBefore > 0) _counts[(int)Count.CameAgain]++;
        if (served && leg.Days is var (promised, statutory))
        {
            _counts[(int)Count.PromisedDays] += promised;
            _counts[(int)Count.StatutoryDays] += statutory;
        }
        if (leg.Wait is { } wait)
        {
            Wait.Add(wait);
            _wait.Add(wait, leg.Target);
            if (leg.Told is { } told) AddTold(told, wait);
        }
        if (leg.Walk is { } walk) Walk.Add(walk);
        if (leg.Serving is { } serving) Service.Add(serving);
        if (leg.WaitedAtLeast(now) is not { } atLeast) return;
        var hasLeft = leg.Outcome == LegOutcome.Abandoned;
        (hasLeft ? Left : Unanswered).Add(atLeast);
        (hasLeft ? _left : _unanswered).Add(atLeast, leg.Target);
    }

    /// <param name="pause">Why, of <see cref="WindowUse.Paused"/>.</param>
    /// <param name="milliseconds">At least 0.</param>
    public void Add(WindowUse use, PauseReason? pause, long milliseconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(milliseconds);
        _uses[(int)use] += milliseconds;
        if (use == WindowUse.Paused && pause is { } reason) _pauses[(int)reason] += milliseconds;
    }

    /// <summary>A part of a window's time, as <see cref="SessionTime.Cut"/> gives them.</summary>
    public void Add(in MetricStretch part, bool inSession)
    {
        if (inSession) Add(part.Use, part.Pause, part.To - part.From);
        else if (part.Use is not (WindowUse.Closed or WindowUse.Paused)) _counts[(int)Count.OpenOutside] += part.To - part.From;
    }

    public void Add(Tally other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (var i = 0; i < s_counts; i++) _counts[i] += other._counts[i];
        for (var i = 0; i < s_uses; i++) _uses[i] += other._uses[i];
        for (var i = 0; i < s_pauses; i++) _pauses[i] += other._pauses[i];
        Wait.Add(other.Wait);
        Walk.Add(other.Walk);
        Service.Add(other.Service);
        Left.Add(other.Left);
        Unanswered.Add(other.Unanswered);
        _wait.Add(other._wait);
        _left.Add(other._left);
        _unanswered.Add(other._unanswered);
    }

    /// <summary>How many waits of <see cref="Wait"/> were no longer than the target.</summary>
    public long WaitInTime(WaitTarget target) => target.IsOfLines ? _wait.InTime(target.Milliseconds) : Wait.CountUpTo(target.Milliseconds);

    /// <summary>How many of <see cref="Left"/> left within the target.</summary>
    public long LeftInTime(WaitTarget target) => target.IsOfLines ? _left.InTime(target.Milliseconds) : Left.CountUpTo(target.Milliseconds);

    /// <summary>How many of <see cref="IncludingWaiting"/> are no longer than the target, yet.</summary>
    public long IncludingWaitingInTime(WaitTarget target) => target.IsOfLines ? WaitInTime(target) + LeftInTime(target) + _unanswered.InTime(target.Milliseconds) : IncludingWaiting().CountUpTo(target.Milliseconds);

    /// <summary>Answered waits and lower bounds together: no percentile of it is above the true one.</summary>
    public Durations IncludingWaiting()
    {
        var all = new Durations();
        all.Add(Wait);
        all.Add(Left);
        all.Add(Unanswered);
        return all;
    }

    /// <summary>The distribution of waits that takes lower bounds for what they are.</summary>
    public KaplanMeier Survival() => KaplanMeier.OfCounted([.. Observed(Wait, true), .. Observed(Left, false), .. Observed(Unanswered, false)]);

    public byte[] ToBytes()
    {
        var to = new MetricBytes.Writer();
        foreach (var numbers in (ReadOnlySpan<long[]>)[_counts, _uses, _pauses])
        {
            to.Number(numbers.Length);
            foreach (var number in numbers) to.Number(number);
        }
        Wait.Write(to);
        Walk.Write(to);
        Service.Write(to);
        Left.Write(to);
        Unanswered.Write(to);
        _wait.Write(to);
        _left.Write(to);
        _unanswered.Write(to);
        return to.ToArray();
    }

    /// <exception cref="FormatException">No tally of this <see cref="Version"/>.</exception>
    public static Tally Read(ReadOnlySpan<byte> bytes)
    {
        var from = new MetricBytes.Reader(bytes);
        var tally = new Tally();
        foreach (var numbers in (ReadOnlySpan<long[]>)[tally._counts, tally._uses, tally._pauses])
        {
            if (from.Number() != numbers.Length) throw new FormatException("Figures of another version");
            for (var i = 0; i < numbers.Length; i++) numbers[i] = from.Number();
        }
        tally.Wait = Durations.Read(ref from);
        tally.Walk = Durations.Read(ref from);
        tally.Service = Durations.Read(ref from);
        tally.Left = Durations.Read(ref from);
        tally.Unanswered = Durations.Read(ref from);
        tally._wait = LineDurations.Read(ref from);
        tally._left = LineDurations.Read(ref from);
        tally._unanswered = LineDurations.Read(ref from);
        return from.IsAtEnd ? tally : throw new FormatException("Figures end later than they should");
    }

    private static IEnumerable<(ObservedWait, long)> Observed(Durations durations, bool answered) => durations.Values().Select(v => (new ObservedWait(v.Milliseconds, answered), v.Times));

    private void AddTold(Told told, long wait)
    {
        _counts[(int)Count.Told]++;
        if (wait >= told.Low && wait <= told.High) _counts[(int)Count.ToldWithin]++;
        _counts[(int)(wait > told.Median ? Count.ToldTooLittle : Count.ToldTooMuch)] += Math.Abs(wait - told.Median);
    }
}
