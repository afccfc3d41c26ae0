using System.Text;
using System.Text.Json.Nodes;
using HallOps.Core.Foresight.Simulation;

namespace HallOps.Core.Tests.Foresight;

/// <summary>Scenarios as they are read: every wrong field by its path, in a line that says what it must be.</summary>
public sealed class ScenarioDocumentTests
{
    private const string Good = """
        {
          "id": "s", "title": "t", "time_unit": "s", "discipline": {"kind": "fifo"},
          "rules": {"target_seconds": 300, "walk_seconds": 5, "no_show_grace_seconds": 60, "short_abandon_seconds": 10, "window_choice": "longest_idle"},
          "windows": [{"id": "W1", "order": 1, "skills": ["A"], "calendar": [[0, 100], [200, 300]], "skill_changes": [{"t": 50, "skills": ["A", "B"]}]}, {"id": "W2", "order": 2, "skills": [], "calendar": []}],
          "arrivals": [{"ticket": "A1", "t": 0, "service": "A", "duration": 10}, {"ticket": "A2", "t": 5, "service": "A", "duration": 10, "priority": 1, "patience": 30, "shows": false, "not_before": 9, "then": [{"service": "B", "duration": 4}]}],
          "now": 3, "in_service": [{"window": "W1", "ticket": "A0", "ends_at": 7}], "forecast": {"A": [10, 12.5]}, "mean_service": {"A": 240}, "advisor": {"every_seconds": 900, "flexible": true, "max_services": 2},
          "variants": [{"id": "v", "window_patch": [{"id": "W2", "skills": ["A"], "calendar": [[0, 100]]}]}]
        }
        """;

    [Fact]
    public void GoodDocument_IsReadWhole()
    {
        var scenario = Read(Good).Scenario!;
        Assert.Equal((300, 5, 60, 10), (scenario.Rules.Target, scenario.Rules.Walk, scenario.Rules.NoShowGrace, scenario.Rules.ShortAbandon));
        Assert.Equal([new Opening(0, 100), new Opening(200, 300)], scenario.Windows[0].Calendar);
        Assert.Equal(["A", "B"], scenario.Windows[0].SkillChanges[0].Skills);
        var second = scenario.Arrivals[1];
        Assert.Equal((1, 30L, false, 9L, new FurtherStage("B", 4)), (second.Priority, second.Patience!.Value, second.Shows, second.NotBefore, second.Then[0]));
        Assert.Equal((3L, new InService("W1", "A0", 7)), (scenario.Now, scenario.InService[0]));
        Assert.Equal((12.5, 240.0, new AdviserSettings(900, true, 2)), (scenario.Foreknowledge.Forecast["A"][1], scenario.Foreknowledge.MeanServiceSeconds["A"], scenario.Foreknowledge.Adviser!));
        Assert.Equal(["A"], scenario.As(scenario.Variants[0]).Windows[1].Skills);
    }

    [Fact]
    public void DocumentOfTheFewestFields_HasTheDefaults()
    {
        var scenario = Read("""{"id": "s", "title": "t", "discipline": {"kind": "fifo"}, "windows": [], "arrivals": [{"ticket": "A", "t": 1.0, "service": "A", "duration": 1e2, "patience": null}], "notes": {"t": -1}}""").Scenario!;
        Assert.Equal(new ScenarioRules(600, 0, 0, 0), scenario.Rules);
        Assert.Equal(new Arrival("A", 1, "A", 100, 0, null, true, 0, []) with { Then = scenario.Arrivals[0].Then }, scenario.Arrivals[0]);
        Assert.False(scenario.InMilliseconds);
    }

    [Theory]
    [InlineData("id", null, "id: must be a string; it is missing")]
    [InlineData("title", "7", "title: must be a string, was 7")]
    [InlineData("time_unit", "\"minutes\"", "time_unit: must be one of s, ms, was \"minutes\"")]
    [InlineData("discipline", null, "discipline: must be an object; it is missing")]
    [InlineData("discipline.kind", "\"lifo\"", "discipline.kind: must be one of fifo, priority, head_start, accumulating, weighted_wait, score, was \"lifo\"")]
    [InlineData("discipline", """{"kind": "head_start"}""", "discipline.head_start: must be an object; it is missing")]
    [InlineData("discipline", """{"kind": "head_start", "head_start": {"old": 5}}""", "discipline.head_start.old: must be named by a priority, a whole number, was 5")]
    [InlineData("discipline", """{"kind": "accumulating", "slope": {"1": -2}}""", "discipline.slope.1: must be a number from 0 to 1000000, was -2")]
    [InlineData("discipline", """{"kind": "weighted_wait", "weight": {"A": "2"}}""", "discipline.weight.A: must be a number from 0 to 1000000, was \"2\"")]
    [InlineData("rules.target_seconds", "-1", "rules.target_seconds: must be a whole number, at least 0, was -1")]
    [InlineData("rules.walk_seconds", "1.5", "rules.walk_seconds: must be a whole number, at least 0, was 1.5")]
    [InlineData("rules.window_choice", "\"random\"", "rules.window_choice: must be longest_idle, was \"random\"")]
    [InlineData("windows", "{}", "windows: must be a list, was an object")]
    [InlineData("windows.1.id", "\"W1\"", "windows[1].id: must be named once, was \"W1\" again")]
    [InlineData("windows.0.order", null, "windows[0].order: must be a whole number, at least -100000000000; it is missing")]
    [InlineData("windows.0.skills", "\"A\"", "windows[0].skills: must be a list, was \"A\"")]
    [InlineData("windows.0.skills.0", "1", "windows[0].skills[0]: must be a string, was 1")]
    [InlineData("windows.0.calendar", null, "windows[0].calendar: must be a list; it is missing")]
    [InlineData("windows.0.calendar.1", "[300, 200]", "windows[0].calendar[1]: must be [open, close] with 0 ≤ open < close ≤ 100000000000, was [300, 200]")]
    [InlineData("windows.0.calendar.1", "[50, 300]", "windows[0].calendar[1]: must not overlap [0, 100]")]
    [InlineData("windows.0.skill_changes.0.t", "\"noon\"", "windows[0].skill_changes[0].t: must be a whole number, at least 0, was \"noon\"")]
    [InlineData("arrivals", null, "arrivals: must be a list; it is missing")]
    [InlineData("arrivals", "7", "arrivals: must be a list, was 7")]
    [InlineData("arrivals.1", "7", "arrivals[1]: must be an object, was 7")]
    [InlineData("arrivals.1.duration", "-4", "arrivals[1].duration: must be a positive whole number, was -4")]
    [InlineData("arrivals.1.duration", "0", "arrivals[1].duration: must be a positive whole number, was 0")]
    [InlineData("arrivals.1.duration", null, "arrivals[1].duration: must be a positive whole number; it is missing")]
    [InlineData("arrivals.1.t", "100000000001", "arrivals[1].t: must be at most 100000000000, was 100000000001")]
    [InlineData("arrivals.1.ticket", "\"A1\"", "arrivals[1].ticket: must be named once, was \"A1\"")]
    [InlineData("arrivals.1.service", "null", "arrivals[1].service: must be a string, was null")]
    [InlineData("arrivals.1.shows", "\"no\"", "arrivals[1].shows: must be true or false, was \"no\"")]
    [InlineData("arrivals.1.priority", "1.5", "arrivals[1].priority: must be a whole number from -2147483648 to 2147483647, was 1.5")]
    [InlineData("arrivals.1.patience", "-1", "arrivals[1].patience: must be a whole number, at least 0, was -1")]
    [InlineData("arrivals.1.then.0.duration", "0", "arrivals[1].then[0].duration: must be a positive whole number, was 0")]
    [InlineData("in_service.0.window", "\"W9\"", "in_service[0].window: must be a window (W1, W2), was \"W9\"")]
    [InlineData("forecast", "[1]", "forecast: must be an object, was a list")]
    [InlineData("forecast.A", "7", "forecast.A: must be a list, was 7")]
    [InlineData("forecast.A", "[1, -1]", "forecast.A[1]: must be a number of arrivals an hour, at least 0, was -1")]
    [InlineData("discipline", """{"kind": "head_start", "head_start": {"1": 5, "+1": 6}}""", "discipline.head_start.+1: must be given once, was 6")]
    [InlineData("mean_service.A", "0", "mean_service.A: must be a number of seconds above 0, was 0")]
    [InlineData("advisor.every_seconds", "0", "advisor.every_seconds: must be a positive whole number, was 0")]
    [InlineData("variants.0.window_patch.0.id", "\"W9\"", "variants[0].window_patch[0].id: must be a window (W1, W2), was \"W9\"")]
    [InlineData("variants.0.window_patch.0.calendar", "[[5]]", "variants[0].window_patch[0].calendar[0]: must be [open, close], two whole numbers, the second later, was a list")]
    [InlineData("now", "\"soon\"", "now: must be a whole number, at least 0, was \"soon\"")]
    public void WrongField_IsRefusedByItsPath(string path, string? value, string problem)
    {
        var read = Read(With(path, value));
        Assert.Equal(problem, read.Problem?.ToString());
        Assert.Null(read.Scenario);
    }

    [Theory]
    [InlineData("", "The document must be JSON; line 1, column 1: ")]
    [InlineData("[]", "The document must be an object, was a list")]
    [InlineData("{\"id\": \"s\",}", "The document must be JSON; line 1, column ")]
    [InlineData("{\"arrivals\": [", "The document must be JSON; line 1, column ")]
    public void WhatIsNoScenario_IsRefused(string document, string problem) => Assert.StartsWith(problem, Read(document).Problem?.ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("\"fifo\"", "\"\\ud800\"")]
    [InlineData("\"title\": ", "\"\\ud800\": 1, \"title\": ")]
    [InlineData("{\"A\": [10", "{\"\\ud800\": [10")]
    [InlineData("[[0, 100], [200, 300]]", "[\"\\ud800\"]")]
    [InlineData("{\"A\": 240}", "{\"A\": \"\\ud800\"}")]
    public void HalfACharacter_WhereverItStands_IsRefused(string part, string instead)
    {
        // Good JSON that no string can hold.
        var wrong = Good.Replace(part, instead, StringComparison.Ordinal);
        Assert.StartsWith("The document must hold readable text; line ", Read(wrong).Problem?.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("The document must hold readable text; line ", ScenarioDocument.ReadRules(Encoding.UTF8.GetBytes(wrong), Read(Good).Scenario!).Problem?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void DocumentInAnotherEncoding_IsRefused() =>
        Assert.Equal("The document must be UTF-8: save it in that encoding", ScenarioDocument.Read(Encoding.Latin1.GetBytes(Good.Replace("\"A\": 240", "\"é\": 240", StringComparison.Ordinal))).Problem?.ToString());

    [Fact]
    public void Document_CutAnywhere_IsRefusedAndNeverThrows()
    {
        var whole = Encoding.UTF8.GetBytes(Good);
        for (var length = 0; length < whole.Length; length++) Assert.NotNull(ScenarioDocument.Read(whole.AsSpan(0, length)).Problem);
    }

    [Theory]
    [InlineData("""{"variants": [{"id": "v", "bounds": {"max_overtakes": -1, "max_priority_run": 2}}]}""", "variants[0].bounds.max_overtakes: must be a whole number from 0 to 2147483647, was -1")]
    [InlineData("""{"variants": [{"id": "v", "discipline": {"kind": "lifo"}}]}""", "variants[0].discipline.kind: must be one of fifo, priority, head_start, accumulating, weighted_wait, score, was \"lifo\"")]
    [InlineData("""{}""", "variants: must be a list; it is missing")]
    public void WrongRules_AreRefusedByTheirPath(string rules, string problem) =>
        Assert.Equal(problem, ScenarioDocument.ReadRules(Encoding.UTF8.GetBytes(rules), Read(Good).Scenario!).Problem?.ToString());

    [Fact]
    public void Rules_AreVariantsOfTheDay()
    {
        const string Rules = """
            {"variants": [{"id": "as-it-was"}, {"id": "bounded", "discipline": {"kind": "score", "slope": {"1": 2}, "head_start": {"1": 60}}, "bounds": {"max_overtakes": 3, "max_priority_run": 1}, "rules": {"target_seconds": 60}}]}
            """;
        var scenario = ScenarioDocument.ReadRules(Encoding.UTF8.GetBytes(Rules), Read(Good).Scenario!).Scenario!;
        var (same, other) = (scenario.As(scenario.Variants[0]), scenario.As(scenario.Variants[1]));
        Assert.Equal((DisciplineKind.Fifo, 300), (same.Discipline.Kind, same.Rules.Target));
        Assert.Equal((DisciplineKind.Score, 2m, 60m, 3, 1, 60), (other.Discipline.Kind, other.Discipline.Slope[1], other.Discipline.HeadStart[1], other.Discipline.Bounds!.MaxOvertakes, other.Discipline.Bounds.MaxPriorityRun, other.Rules.Target));
    }

    [Fact]
    public void Rules_ThatNameOne_LeaveTheOthersAsTheyWere()
    {
        var scenario = ScenarioDocument.ReadRules("""{"variants": [{"id": "v", "rules": {"target_seconds": 60}}]}"""u8, Read(Good).Scenario!).Scenario!;
        Assert.Equal(new ScenarioRules(60, 5, 60, 10), scenario.As(scenario.Variants[0]).Rules);
    }

    private static ScenarioRead Read(string document) => ScenarioDocument.Read(Encoding.UTF8.GetBytes(document));

    /// <summary>The good document with one field changed; null: without it.</summary>
    private static string With(string path, string? value)
    {
        var document = JsonNode.Parse(Good)!;
        var steps = path.Split('.');
        var at = document;
        foreach (var step in steps[..^1]) at = at is JsonArray list ? list[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)]! : at[step]!;
        if (at is JsonArray items) items[int.Parse(steps[^1], System.Globalization.CultureInfo.InvariantCulture)] = JsonNode.Parse(value!);
        else if (value is null) at.AsObject().Remove(steps[^1]);
        else at[steps[^1]] = JsonNode.Parse(value);
        return document.ToJsonString();
    }
}
