namespace HallOps.Core.Foresight.Simulation;

/// <summary>
/// A day to be played in virtual time (SIMULATION.md), checked whole by <see cref="ScenarioDocument"/>. Every time is a whole number of the scenario's unit, seconds or milliseconds from the start of
/// the day, from 0 to <see cref="LastMoment"/>. Immutable; lists keep the document's order.
/// </summary>
public sealed record Scenario
{
    /// <summary>3,170 years of seconds, three of milliseconds: nothing a simulation adds up leaves 64 bits.</summary>
    public const long LastMoment = 100_000_000_000;

    public required string Id { get; init; }
    public required string Title { get; init; }
    public bool InMilliseconds { get; init; }
    public required Discipline Discipline { get; init; }
    public required ScenarioRules Rules { get; init; }
    public required IReadOnlyList<ScenarioWindow> Windows { get; init; }
    public required IReadOnlyList<Arrival> Arrivals { get; init; }

    /// <summary>The moment from which windows act; who came before has waited since then.</summary>
    public long Now { get; init; }

    public IReadOnlyList<InService> InService { get; init; } = [];
    public Foreknowledge Foreknowledge { get; init; } = new();
    public IReadOnlyList<Variant> Variants { get; init; } = [];

    /// <summary>This day as the variant has it, without variants of its own.</summary>
    public Scenario As(Variant variant) => this with
    {
        Discipline = variant.Discipline ?? Discipline,
        Rules = variant.Rules ?? Rules,
        Windows = [.. Windows.Select(w => variant.Windows.Where(p => p.Id == w.Id).Aggregate(w, static (window, patch) => patch.On(window)))],
        Variants = [],
    };
}

public enum DisciplineKind { Fifo, Priority, HeadStart, Accumulating, WeightedWait, Score }

/// <summary>In which order people are called. Classes are the priorities of the arrivals.</summary>
/// <param name="HeadStart">Credit in the scenario's unit, by class; 0 where there is none.</param>
/// <param name="Slope">Score a unit waited, by class; 1 where there is none.</param>
/// <param name="Weight">The same by service.</param>
/// <param name="Bounds">How far calls by score may go; null: as far as they like.</param>
public sealed record Discipline(
    DisciplineKind Kind, IReadOnlyDictionary<int, decimal> HeadStart, IReadOnlyDictionary<int, decimal> Slope, IReadOnlyDictionary<string, decimal> Weight, Halls.FairnessSettings? Bounds = null)
{
    public static Discipline Fifo { get; } = Of(DisciplineKind.Fifo);

    public static Discipline Of(DisciplineKind kind) => new(kind, new Dictionary<int, decimal>(), new Dictionary<int, decimal>(), new Dictionary<string, decimal>());
}

/// <param name="Target">A wait of at most so long is within the target.</param>
/// <param name="Walk">From the call to the start of the service; the window is held.</param>
/// <param name="NoShowGrace">How long a window is held by one who does not come.</param>
/// <param name="ShortAbandon">Who leaves after at most so long is no loss in one of the four service levels.</param>
public sealed record ScenarioRules(long Target = 600, long Walk = 0, long NoShowGrace = 0, long ShortAbandon = 0);

/// <param name="Order">Among windows idle equally long the lowest calls.</param>
/// <param name="Skills">Services.</param>
/// <param name="Calendar">When it is open, earliest first, none overlapping.</param>
/// <param name="SkillChanges">Earliest first.</param>
public sealed record ScenarioWindow(string Id, long Order, IReadOnlyList<string> Skills, IReadOnlyList<Opening> Calendar, IReadOnlyList<SkillChange> SkillChanges);

/// <summary>Open from an instant to before another.</summary>
public readonly record struct Opening(long Opens, long Closes);

/// <summary>What a window can do from an instant on. A service in progress is finished.</summary>
public sealed record SkillChange(long At, IReadOnlyList<string> Skills);

/// <param name="Duration">Of the first stage.</param>
/// <param name="Priority">The larger the more urgent.</param>
/// <param name="Patience">Who has not been called for the first stage within it leaves; null: never.</param>
/// <param name="Shows">False: is called and does not come.</param>
/// <param name="NotBefore">Not called for the first stage before it.</param>
/// <param name="Then">Further stages, each joined when the one before has ended.</param>
public sealed record Arrival(string Ticket, long At, string Service, long Duration, int Priority, long? Patience, bool Shows, long NotBefore, IReadOnlyList<FurtherStage> Then)
{
    public string ServiceOf(int stage) => stage == 0 ? Service : Then[stage - 1].Service;

    public long DurationOf(int stage) => stage == 0 ? Duration : Then[stage - 1].Duration;
}

public readonly record struct FurtherStage(string Service, long Duration);

/// <summary>A window that is busy when the scenario begins, with a ticket that is none of its arrivals.</summary>
public sealed record InService(string Window, string Ticket, long EndsAt);

/// <summary>The same day otherwise. Null is as it was.</summary>
public sealed record Variant(string Id, IReadOnlyList<WindowPatch> Windows, Discipline? Discipline = null, ScenarioRules? Rules = null);

public sealed record WindowPatch(string Id, IReadOnlyList<Opening>? Calendar, IReadOnlyList<string>? Skills, IReadOnlyList<SkillChange>? SkillChanges)
{
    internal ScenarioWindow On(ScenarioWindow window) =>
        window with { Calendar = Calendar ?? window.Calendar, Skills = Skills ?? window.Skills, SkillChanges = SkillChanges ?? window.SkillChanges };
}

/// <summary>What an adviser may know of the day that is still to come, and how often it is asked.</summary>
public sealed record Foreknowledge
{
    /// <summary>By service: expected arrivals an hour in each quarter hour from 0 on.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<double>> Forecast { get; init; } = new Dictionary<string, IReadOnlyList<double>>();

    /// <summary>By service, in seconds whatever the scenario's unit.</summary>
    public IReadOnlyDictionary<string, double> MeanServiceSeconds { get; init; } = new Dictionary<string, double>();

    public AdviserSettings? Adviser { get; init; }
}

/// <param name="EverySeconds">Seconds whatever the scenario's unit.</param>
/// <param name="Flexible">Any window may be set to any services.</param>
/// <param name="MaxServices">At one window; null: any number.</param>
public sealed record AdviserSettings(long EverySeconds = 900, bool Flexible = false, int? MaxServices = null);
