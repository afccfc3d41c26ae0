using System.Text.Json;

namespace HallOps.Web.Tests.Cli;

/// <summary><c>timeline</c> of the built program.</summary>
public sealed class TimelineCommandTests : IDisposable
{
    private const string Calendar = """
        {"timeZone": "Europe/Berlin", "services": {"A": "a", "B": "b"}, "windows": [{"window": "1", "services": ["A", "B"]}, {"window": "2", "services": ["A"]}],
         "sessions": [{"kind": "regular", "days": ["workday"], "from": "09:00", "to": "12:00"}, {"kind": "weekend", "days": ["saturday"], "from": "09:00", "to": "12:00", "windows": ["2"]}]}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("hallops-timeline-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Timeline_PrintsOneObjectADate_InTheHallsOwnZone()
    {
        var (exit, output, error) = await CommandRun.ProcessAsync("", "timeline", File(Calendar), "--date", "2026-11-27", "--to", "2026-11-29");
        Assert.Equal((0, ""), (exit, error));
        var days = JsonDocument.Parse(output).RootElement.EnumerateArray().ToList();
        Assert.Equal(["2026-11-27 workday", "2026-11-28 restday", "2026-11-29 restday"], days.Select(d => $"{d.GetProperty("date")} {d.GetProperty("day")}"));
        Assert.Equal(["date", "day", "intervals", "issuing", "gaps", "warnings"], days[0].EnumerateObject().Select(p => p.Name));
        Assert.Equal("2026-11-27T09:00:00+01:00", days[0].GetProperty("intervals")[0].GetProperty("from").GetString());
        Assert.Equal("2026-11-30T09:00:00+01:00", days[1].GetProperty("gaps")[0].GetProperty("reopensAt").GetString());
    }

    [Fact]
    public async Task Check_PrintsGapsAndWarnings_AndFailsWhereAServiceIsUncovered()
    {
        var (exit, output, error) = await CommandRun.ProcessAsync("", "timeline", File(Calendar), "--date", "2026-11-28", "--check");
        Assert.Equal((1, ""), (exit, error));
        Assert.Equal(["date", "gaps", "warnings"], JsonDocument.Parse(output).RootElement[0].EnumerateObject().Select(p => p.Name));
        Assert.Equal(0, (await CommandRun.ProcessAsync("", "timeline", File(Calendar), "--date", "2026-11-27", "--check")).Exit);
    }

    [Theory]
    [InlineData("\"09:00\"", "\"9:00\"", "2026-11-27", "FILE: sessions[0].from: must be a time from 00:00 to 30:00, was \"9:00\"")]
    [InlineData("\"saturday\"", "\"friday\"", "2026-11-27", "FILE: sessions[1].from: must not overlap another session of its date: on 2019-01-04 weekend 09:00-12:00 overlaps regular 09:00-12:00 (sessions[0])")]
    [InlineData("Berlin", "Bonn", "2026-11-27", "FILE: timeZone: must be a time zone")]
    [InlineData("{\"timeZone\"", "\"timeZone\"", "2026-11-27", "FILE: The document must be JSON")]
    [InlineData("", "", "2026-02-30", "--date must be a date like 2026-11-21, from 1970 to 2199, was \"2026-02-30\".")]
    public async Task WrongInput_IsRefusedInOneLine(string part, string instead, string date, string line)
    {
        var file = File(part.Length == 0 ? Calendar : Calendar.Replace(part, instead, StringComparison.Ordinal));
        var (exit, output, error) = await CommandRun.ProcessAsync("", "timeline", file, "--date", date);
        Assert.Equal((1, "", 1), (exit, output, error.Count(c => c == '\n')));
        Assert.StartsWith($"hallops: {line.Replace("FILE", file, StringComparison.Ordinal)}", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("timeline")]
    [InlineData("timeline", "a.json")]
    [InlineData("timeline", "a.json", "--date", "2026-11-27", "--colour", "red")]
    public async Task WrongUsage_EndsWithTwo(params string[] words) => Assert.Equal(2, (await CommandRun.ProcessAsync("", words)).Exit);

    private string File(string json)
    {
        var file = Path.Combine(_folder, "calendar.json");
        System.IO.File.WriteAllText(file, json);
        return file;
    }
}
