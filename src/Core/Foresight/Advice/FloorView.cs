namespace HallOps.Core.Foresight.Advice;

/// <summary>
/// What an adviser may know of a hall at one moment: who waits, what the windows do, and what is expected; nothing of what will really happen. All times are seconds from that moment. Immutable.
/// </summary>
/// <param name="Lines">Named elsewhere by their place in this list.</param>
/// <param name="StandsSeconds">How long what is advised stands before it is thought over again; above 0.</param>
public sealed record FloorView(IReadOnlyList<FloorLine> Lines, IReadOnlyList<FloorWindow> Windows, double StandsSeconds);

/// <param name="Weight">Score a second waited, beside the other lines'.</param>
/// <param name="HoldSeconds">For how long one visitor is expected to hold a window, walk included; above 0.</param>
/// <param name="Waiting">The longest waiting first.</param>
/// <param name="Expected">Who is still to come, earliest first, none overlapping.</param>
public sealed record FloorLine(string Line, double Weight, double HoldSeconds, IReadOnlyList<FloorVisitor> Waiting, IReadOnlyList<ExpectedArrivals> Expected)
{
    /// <summary>Whether anybody needs it in the next seconds: a line that nobody waits in or is expected in may go without a window.</summary>
    public bool IsNeededWithin(double seconds) => Waiting.Count > 0 || Expected.Any(e => e.PerHour > 0 && e.FromSeconds < seconds);
}

/// <param name="CallableInSeconds">0: now.</param>
public readonly record struct FloorVisitor(double WaitedSeconds, double CallableInSeconds);

public readonly record struct ExpectedArrivals(double FromSeconds, double ToSeconds, double PerHour);

/// <summary>A window that is open, or will be.</summary>
/// <param name="Lines">What it serves now; places in the floor's lines, ascending, as in <paramref name="May"/>.</param>
/// <param name="May">What whoever sits there may be set to.</param>
/// <param name="MaxLines">At most so many at once when it is moved; null: any number.</param>
/// <param name="Openings">Earliest first; the first may have begun before now.</param>
/// <param name="Serving">Null: nobody.</param>
/// <param name="IdleForSeconds">Without meaning where it serves.</param>
public sealed record FloorWindow(
    string Window, IReadOnlyList<int> Lines, IReadOnlyList<int> May, int? MaxLines, IReadOnlyList<FloorOpening> Openings, ServiceInProgress? Serving, double IdleForSeconds)
{
    public bool IsOpen => Openings.Any(o => o.OpensSeconds <= 0 && o.ClosesSeconds > 0);

    /// <summary>Whether it is open for any of the next seconds.</summary>
    public bool IsOpenWithin(double seconds) => Openings.Any(o => o.OpensSeconds < seconds && o.ClosesSeconds > 0);
}

public readonly record struct FloorOpening(double OpensSeconds, double ClosesSeconds);

/// <param name="HoldSeconds">How long such a service is expected to hold a window in all.</param>
/// <param name="ElapsedSeconds">Since the call.</param>
public readonly record struct ServiceInProgress(double HoldSeconds, double ElapsedSeconds);
