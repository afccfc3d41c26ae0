using System.Net.Http.Json;
using System.Text.Json;
using System.Xml.Linq;
using HallOps.Web.Tests.Operations;

namespace HallOps.Web.Tests.Cli;

/// <summary><c>simulate</c>, <c>staffing</c> and <c>formula</c> of the built program: JSON and nothing else on standard output, one line on standard error.</summary>
public sealed class SimulateCommandTests : IDisposable
{
    private const string Day = """
        {
          "id": "s", "title": "一天 <&>", "discipline": {"kind": "fifo"}, "rules": {"target_seconds": 60, "walk_seconds": 5},
          "windows": [{"id": "W1", "order": 1, "skills": ["A"], "calendar": [[0, 1000]]}, {"id": "W2", "order": 2, "skills": ["A"], "calendar": []}],
          "arrivals": [{"ticket": "A1", "t": 0, "service": "A", "duration": 95}, {"ticket": "A2", "t": 10, "service": "A", "duration": 50}, {"ticket": "A3", "t": 20, "service": "A", "duration": 20, "patience": 30}]
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("hallops-simulate-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Simulate_PrintsTheDay_AndDrawsIt()
    {
        var picture = Path.Combine(_folder, "day.svg");
        var (exit, output, error) = await CommandRun.ProcessAsync("", "simulate", File("day.json", Day), "--svg", picture);
        Assert.Equal((0, ""), (exit, error));
        var metrics = JsonDocument.Parse(output).RootElement.GetProperty("metrics");
        Assert.Equal((90, 1, 155), (metrics.GetProperty("served").GetProperty("wait_sum").GetInt32(), metrics.GetProperty("abandoned").GetInt32(), metrics.GetProperty("last_end").GetInt32()));
        var svg = XDocument.Load(picture).Root!;
        Assert.Equal("svg", svg.Name.LocalName);
        Assert.Equal(2, svg.Descendants().Count(e => e.Name.LocalName == "g"));
        Assert.Contains(svg.Descendants(), e => e.Value == "一天 <&>");
    }

    [Fact]
    public async Task Simulate_UnderRules_PrintsThemSideBySide()
    {
        var rules = File("rules.json", """{"variants": [{"id": "as-is"}, {"id": "two", "window_patch": [{"id": "W2", "calendar": [[0, 1000]]}]}]}""");
        var (exit, output, _) = await CommandRun.ProcessAsync("", "simulate", File("day.json", Day), "--rules", rules);
        var answer = JsonDocument.Parse(output).RootElement;
        Assert.Equal((0, "two", 90), (exit, answer.GetProperty("best").GetProperty("lowest_wait_sum").GetString(), answer.GetProperty("variants").GetProperty("as-is").GetProperty("served").GetProperty("wait_sum").GetInt32()));
    }

    [Fact]
    public async Task Simulate_Advised_PrintsTheMovesToo()
    {
        // Forty wait for A at one window while the other waits for Bs that do not come.
        var waiting = string.Join(',', Enumerable.Range(0, 40).Select(i => $$"""{"ticket": "A{{i:00}}", "t": 0, "service": "A", "duration": 200}"""));
        var day = File("day.json", $$"""
            {
              "id": "s", "title": "t", "discipline": {"kind": "fifo"}, "advisor": {"every_seconds": 600, "flexible": true, "max_services": 1}, "forecast": {"B": []}, "mean_service": {"A": 200, "B": 200},
              "windows": [{"id": "W1", "order": 1, "skills": ["A"], "calendar": [[0, 9000]]}, {"id": "W2", "order": 2, "skills": ["B"], "calendar": [[0, 9000]]}],
              "arrivals": [{{waiting}}]
            }
            """);
        var (exit, output, error) = await CommandRun.ProcessAsync("", "simulate", day, "--advisor", "auto");
        Assert.Equal((0, ""), (exit, error));
        var answer = JsonDocument.Parse(output).RootElement;
        Assert.Equal(["tickets", "calls", "metrics", "moves"], answer.EnumerateObject().Select(m => m.Name));
        Assert.Equal("""[600,"W2",["A"]]""", JsonSerializer.Serialize(Assert.Single(answer.GetProperty("moves").EnumerateArray())));
        Assert.Equal(1, answer.GetProperty("metrics").GetProperty("moves").GetInt32());

        var plain = await CommandRun.ProcessAsync("", "simulate", day);
        Assert.Equal(["tickets", "calls", "metrics"], JsonDocument.Parse(plain.Output).RootElement.EnumerateObject().Select(m => m.Name));
        var lab = await CommandRun.ProcessAsync("", "simulate", day, "--advisor", "auto", "--rules", File("rules.json", """{"variants": [{"id": "as-is"}]}"""));
        Assert.Equal(1, JsonDocument.Parse(lab.Output).RootElement.GetProperty("variants").GetProperty("as-is").GetProperty("moves").GetInt32());
    }

    [Theory]
    [InlineData("\"duration\": 95", "\"duration\": -4", "arrivals[0].duration: must be a positive whole number, was -4")]
    [InlineData("\"kind\": \"fifo\"", "\"kind\": \"lifo\"", "discipline.kind: must be one of ")]
    [InlineData("\"id\": \"s\",", "\"id\": \"s\"", "The document must be JSON; line 2, column ")]
    public async Task WrongScenario_IsRefusedInOneLine(string part, string instead, string problem)
    {
        var file = File("wrong.json", Day.Replace(part, instead, StringComparison.Ordinal));
        var (exit, output, error) = await CommandRun.ProcessAsync("", "simulate", file);
        Assert.Equal((1, "", 1), (exit, output, error.Count(c => c == '\n')));
        Assert.StartsWith($"hallops: {file}: {problem}", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("simulate")]
    [InlineData("simulate", "a.json", "--colour", "red")]
    [InlineData("simulate", "--from-hall", "h")]
    [InlineData("simulate", "a.json", "--advisor", "always")]
    [InlineData("simulate", "--from-hall", "h", "--date", "2026-11-24", "--advisor", "auto")]
    [InlineData("formula", "erlang-z", "--load", "1")]
    [InlineData("formula", "erlang-b", "--load", "1")]
    [InlineData("staffing", "--arrivals-per-hour", "60")]
    public async Task WrongUsage_EndsWithTwo(params string[] words) => Assert.Equal(2, (await CommandRun.ProcessAsync("", words)).Exit);

    [Fact]
    public async Task Staffing_SaysHowManyWindows_AndRefusesALineWithoutEnd()
    {
        string[] line = ["staffing", "--arrivals-per-hour", "60", "--service-seconds", "240", "--within-seconds", "600"];
        var fewest = JsonDocument.Parse((await CommandRun.ProcessAsync("", [.. line, "--target", "0.9"])).Output).RootElement;
        Assert.Equal(["windows", "load", "occupancy", "probabilityOfWaiting", "meanWaitSeconds", "servedWithin"], fewest.EnumerateObject().Select(m => m.Name));
        Assert.Equal((5, 4.0, 0.8), (fewest.GetProperty("windows").GetInt32(), fewest.GetProperty("load").GetDouble(), fewest.GetProperty("occupancy").GetDouble()));

        var (exit, output, error) = await CommandRun.ProcessAsync("", [.. line, "--windows", "4"]);
        Assert.Equal((1, ""), (exit, output));
        Assert.StartsWith("hallops: --windows must be more than the load of 4, was 4", error, StringComparison.Ordinal);

        var leaving = JsonDocument.Parse((await CommandRun.ProcessAsync("", [.. line, "--windows", "4", "--patience-seconds", "600"])).Output).RootElement;
        Assert.InRange(leaving.GetProperty("abandoned").GetDouble(), 0.01, 0.5);
    }

    [Fact]
    public async Task Formula_PrintsItsValues_ClassesInTheOrderGiven()
    {
        var b = JsonDocument.Parse((await CommandRun.ProcessAsync("", "formula", "erlang-b", "--servers", "2", "--load", "1")).Output).RootElement;
        Assert.Equal(0.2, b.GetProperty("blocking").GetDouble(), 12);
        var classes = JsonDocument.Parse((await CommandRun.ProcessAsync("", "formula", "accumulating", "--servers", "1", "--service-rate", "1", "--arrival-rates", "0.375,0.375", "--slopes", "1,2")).Output).RootElement;
        Assert.Equal([48 / 13.0, 30 / 13.0], classes.GetProperty("meanWait").EnumerateArray().Select(w => Math.Round(w.GetDouble(), 12)), new Near());
        var limit = JsonDocument.Parse((await CommandRun.ProcessAsync("", "formula", "square-root", "--beta", "1")).Output).RootElement;
        Assert.Equal(["probabilityOfWaiting"], limit.EnumerateObject().Select(m => m.Name));
        Assert.Equal(1, (await CommandRun.ProcessAsync("", "formula", "mg1", "--arrival-rate", "2", "--mean-service", "1", "--scv", "1")).Exit);
    }

    [Fact]
    public async Task RecordedDay_IsAScenario_WhileTheServerRuns()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        await server.AddHallAsync("h");
        using var admin = await server.SignInAsync();
        foreach (var step in (string[])["windows/1/open", "tickets", "windows/1/call-next", "windows/1/start", "windows/1/finish", "tickets"])
        {
            using var answer = await admin.PostAsJsonAsync($"halls/h/{step}", step == "tickets" ? new { service = "s" } : (object)new { });
            Assert.True(answer.IsSuccessStatusCode, $"{step}: {await answer.Content.ReadAsStringAsync()}");
        }
        var date = TimeZoneInfo.ConvertTimeBySystemTimeZoneId(server.Time.GetUtcNow(), "Asia/Shanghai").ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

        var (exit, output, error) = await CommandRun.ProcessAsync("", "simulate", "--from-hall", "h", "--date", date, "--data", server.Folder.FullPath);

        Assert.Equal((0, ""), (exit, error));
        var day = JsonDocument.Parse(output).RootElement;
        Assert.Equal(["A001", "A002"], day.GetProperty("arrivals").EnumerateArray().Select(a => a.GetProperty("ticket").GetString()));
        Assert.Equal("1", Assert.Single(day.GetProperty("windows").EnumerateArray()).GetProperty("id").GetString());
        var again = await CommandRun.ProcessAsync("", "simulate", File("recorded.json", output), "--rules", File("rules.json", """{"variants": [{"id": "as-is"}]}"""));
        Assert.Equal(0, again.Exit);

        var unknown = await CommandRun.ProcessAsync("", "simulate", "--from-hall", "g", "--date", date, "--data", server.Folder.FullPath);
        Assert.Equal((1, true), (unknown.Exit, unknown.Error.StartsWith("hallops: --from-hall must be a hall of ", StringComparison.Ordinal)));
        var before = await CommandRun.ProcessAsync("", "simulate", "--from-hall", "h", "--date", "2001-01-01", "--data", server.Folder.FullPath);
        Assert.Equal((1, true), (before.Exit, before.Error.StartsWith("hallops: --date must be a service day of h", StringComparison.Ordinal)));
    }

    private string File(string name, string content)
    {
        var file = Path.Combine(_folder, name);
        System.IO.File.WriteAllText(file, content);
        return file;
    }

    private sealed class Near : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) < 1e-9;

        public int GetHashCode(double of) => 0;
    }
}
