using System.Globalization;
using System.Text.Json;

namespace HallOps.Core.Foresight.Simulation;

/// <summary>Writes a scenario so that <see cref="ScenarioDocument"/> reads the same again. What is as if left out is left out; so is what an adviser may know.</summary>
public static class ScenarioJson
{
    private static readonly string[] Kinds = ["fifo", "priority", "head_start", "accumulating", "weighted_wait", "score"];

    public static void Write(Utf8JsonWriter json, Scenario scenario)
    {
        json.WriteStartObject();
        json.WriteString("id", scenario.Id);
        json.WriteString("title", scenario.Title);
        if (scenario.InMilliseconds) json.WriteString("time_unit", "ms");
        json.WritePropertyName("discipline");
        Write(json, scenario.Discipline);
        json.WriteStartObject("rules");
        json.WriteNumber("target_seconds", scenario.Rules.Target);
        json.WriteNumber("walk_seconds", scenario.Rules.Walk);
        json.WriteNumber("no_show_grace_seconds", scenario.Rules.NoShowGrace);
        json.WriteNumber("short_abandon_seconds", scenario.Rules.ShortAbandon);
        json.WriteEndObject();
        if (scenario.Now > 0) json.WriteNumber("now", scenario.Now);
        Write(json, "windows", scenario.Windows, Write);
        if (scenario.InService.Count > 0) Write(json, "in_service", scenario.InService, Write);
        Write(json, "arrivals", scenario.Arrivals, Write);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Discipline discipline)
    {
        json.WriteStartObject();
        json.WriteString("kind", Kinds[(int)discipline.Kind]);
        var all = discipline.Kind is DisciplineKind.Score;
        if (all || discipline.Kind is DisciplineKind.HeadStart) Table("head_start", discipline.HeadStart);
        if (all || discipline.Kind is DisciplineKind.Accumulating) Table("slope", discipline.Slope);
        if (all || discipline.Kind is DisciplineKind.WeightedWait) Table("weight", discipline.Weight);
        if (discipline.Bounds is { } bounds)
        {
            json.WriteStartObject("bounds");
            json.WriteNumber("max_overtakes", bounds.MaxOvertakes);
            json.WriteNumber("max_priority_run", bounds.MaxPriorityRun);
            json.WriteEndObject();
        }
        json.WriteEndObject();

        void Table<T>(string name, IReadOnlyDictionary<T, decimal> table) where T : notnull
        {
            json.WriteStartObject(name);
            foreach (var (key, value) in table) json.WriteNumber(Convert.ToString(key, CultureInfo.InvariantCulture)!, value);
            json.WriteEndObject();
        }
    }

    private static void Write(Utf8JsonWriter json, ScenarioWindow window)
    {
        json.WriteString("id", window.Id);
        json.WriteNumber("order", window.Order);
        Write(json, "skills", window.Skills);
        json.WriteStartArray("calendar");
        foreach (var opening in window.Calendar)
        {
            json.WriteStartArray();
            json.WriteNumberValue(opening.Opens);
            json.WriteNumberValue(opening.Closes);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        if (window.SkillChanges.Count > 0) Write(json, "skill_changes", window.SkillChanges, Write);
    }

    private static void Write(Utf8JsonWriter json, SkillChange change)
    {
        json.WriteNumber("t", change.At);
        Write(json, "skills", change.Skills);
    }

    private static void Write(Utf8JsonWriter json, InService busy)
    {
        json.WriteString("window", busy.Window);
        json.WriteString("ticket", busy.Ticket);
        json.WriteNumber("ends_at", busy.EndsAt);
    }

    private static void Write(Utf8JsonWriter json, Arrival arrival)
    {
        json.WriteString("ticket", arrival.Ticket);
        json.WriteNumber("t", arrival.At);
        json.WriteString("service", arrival.Service);
        json.WriteNumber("duration", arrival.Duration);
        if (arrival.Priority != 0) json.WriteNumber("priority", arrival.Priority);
        if (arrival.Patience is { } patience) json.WriteNumber("patience", patience);
        if (!arrival.Shows) json.WriteBoolean("shows", false);
        if (arrival.NotBefore > 0) json.WriteNumber("not_before", arrival.NotBefore);
        if (arrival.Then.Count > 0) Write(json, "then", arrival.Then, Write);
    }

    private static void Write(Utf8JsonWriter json, FurtherStage stage)
    {
        json.WriteString("service", stage.Service);
        json.WriteNumber("duration", stage.Duration);
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<string> words)
    {
        json.WriteStartArray(name);
        foreach (var word in words) json.WriteStringValue(word);
        json.WriteEndArray();
    }

    private static void Write<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            write(json, item);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
