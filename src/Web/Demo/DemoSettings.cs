using HallOps.Web.Operations;

namespace HallOps.Web.Demo;

/// <summary>How the demonstration plays (<c>serve --demo</c>).</summary>
/// <param name="Seed">Of everything that its visitors and clerks do.</param>
public sealed record DemoSettings(int Seed)
{
    /// <summary>Where it keeps its halls, unless another folder is named.</summary>
    public const string Folder = "data-demo";

    /// <summary>On this machine only: its passwords stand on its start page.</summary>
    public const string Urls = "http://127.0.0.1:5080";

    public const int DefaultSeed = 20261124;

    // Four hall seconds a second: a call every few seconds on a board, and still time to read what it says; the day is over in under two hours.
    private const double Speed = 4;

    // A Tuesday in mid-morning, which the samples' notices and demand are written for: the halls are at their busiest.
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 9, 40, 0, TimeSpan.FromHours(8));

    /// <summary>The halls' clock, with what the settings leave out.</summary>
    public static ClockSettings ClockOf(ClockSettings? asked) => new(asked?.Start ?? Start, asked?.Speed ?? Speed);
}
