namespace HallOps.Core.Foresight.Simulation;

/// <summary>A window of a simulated day and its state.</summary>
/// <param name="place">In the scenario's list.</param>
internal sealed class SimulatedWindow(ScenarioWindow settings, int place, bool[] skills)
{
    /// <summary>In the place of an arrival: one who was in service when the scenario began.</summary>
    public const int Nobody = -1;

    public ScenarioWindow Settings { get; } = settings;
    public int Place { get; } = place;

    /// <summary>By service.</summary>
    public bool[] Skills { get; set; } = skills;

    /// <summary>What <see cref="Skills"/> are called, beside services that nobody comes for.</summary>
    public IReadOnlyList<string> Offers { get; set; } = settings.Skills;

    /// <summary>What the scenario has it do now, whatever it was advised to do.</summary>
    public IReadOnlyList<string> Can { get; set; } = settings.Skills;

    public bool Open { get; set; }
    public bool Busy { get; set; }
    public long CalledAt { get; set; }

    /// <summary>Which service is in progress; null: none, or one that began before the scenario.</summary>
    public string? Serves { get; set; }

    /// <summary>Its last completion or opening, whichever is later.</summary>
    public long IdleSince { get; set; }

    /// <summary>Overtaking calls in a row.</summary>
    public int PriorityRun { get; set; }

    public bool IsFree => Open && !Busy;

    /// <summary>Whether it takes a person before another does: idle longest, then of lowest order.</summary>
    public bool IsBefore(SimulatedWindow other) =>
        IdleSince != other.IdleSince ? IdleSince < other.IdleSince : Settings.Order != other.Settings.Order ? Settings.Order < other.Settings.Order : Place < other.Place;
}
