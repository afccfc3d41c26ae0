using System.Text;
using System.Text.Json;

namespace HallOps.Web.Tests.Cli;

/// <summary><c>report</c> of the built program.</summary>
public sealed class ReportCommandTests : IDisposable
{
    // A visit of two legs that were both served; one still there; one that left after 10 minutes; one called in vain. Columns in no order, and one that nobody knows.
    private const string Visits = """
        number,hall,line,service,issued,called,started,finished,outcome,window,staff,finishOutcome,weather
        A001,h,a,card,2026-11-23T09:00:00,2026-11-23T09:05:00,2026-11-23T09:06:00,2026-11-23T09:16:00,served,1,li,accepted,rain
        A001,h,b,pay,2026-11-23T09:16:00,2026-11-23T09:17:00,2026-11-23T09:17:30,2026-11-23T09:20:00,,2,"Wang, Fang",paid,
        A002,h,a,card,2026-11-23T09:10:00,,,,,,,,
        A003,h,a,card,2026-11-23T09:10:00,,,2026-11-23T09:20:00,abandoned,,,,
        B001,h,b,pay,2026-11-24T10:00:00,2026-11-24T10:30:00,,,noShow,2,,,
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("hallops-report-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task WithoutBy_ThereIsOneRow_OfLegsWithTheirVisitsBeside()
    {
        var row = (await RowsAsync(Visits, "--target-seconds", "60", "--at", "2026-11-24T12:00:00"))[0];
        Assert.Equal(["key", "tickets", "legs", "called", "served", "noShow", "abandoned", "withdrawn", "transferred", "void", "open", "wait", "walk", "service", "includingWaiting", "exact"], row.EnumerateObject().Select(p => p.Name));
        Assert.Equal(JsonValueKind.Null, row.GetProperty("key").ValueKind);
        Assert.Equal([4, 5, 3, 2, 1, 1, 0, 0, 0, 1], new[] { "tickets", "legs", "called", "served", "noShow", "abandoned", "withdrawn", "transferred", "void", "open" }.Select(n => row.GetProperty(n).GetInt32()));
        var wait = row.GetProperty("wait");
        Assert.Equal(["n", "meanSeconds", "p50Seconds", "p90Seconds", "p95Seconds", "p99Seconds", "maxSeconds", "withinTarget"], wait.EnumerateObject().Select(p => p.Name));
        Assert.Equal([2, 180, 60, 300, 300, 300, 300, 1], wait.EnumerateObject().Select(p => p.Value.GetDouble()));
        Assert.Equal((60, 600), (row.GetProperty("walk").GetProperty("maxSeconds").GetDouble(), row.GetProperty("service").GetProperty("maxSeconds").GetDouble()));
        // Still there since 09:10 of the day before; left after 600 s; 1,800 s to a call in vain: 60, 300, 600, 1800, 96600.
        var all = row.GetProperty("includingWaiting");
        Assert.Equal((5, 600, 96_600, true), (all.GetProperty("n").GetInt32(), all.GetProperty("p50Seconds").GetDouble(), all.GetProperty("maxSeconds").GetDouble(), all.GetProperty("atLeast").GetBoolean()));
        Assert.True(row.GetProperty("exact").GetBoolean());
    }

    [Theory]
    [InlineData("hour", "9,10")]
    [InlineData("weekday", "monday,tuesday")]
    [InlineData("day", "2026-11-23,2026-11-24")]
    [InlineData("line", "a,b")]
    [InlineData("service", "card,pay")]
    [InlineData("window", "1,2,")]
    [InlineData("staff", "Wang, Fang,li,")]
    [InlineData("hall", "h")]
    [InlineData("department", "")]
    public async Task By_HasARowForEachKey_InOrder(string by, string keys)
    {
        var rows = await RowsAsync(Visits, "--by", by);
        Assert.Equal(keys, string.Join(',', rows.Select(r => r.GetProperty("key").GetString() ?? "")));
        Assert.Equal(5, rows.Sum(r => r.GetProperty("legs").GetInt32()));
    }

    [Fact]
    public async Task At_NothingLaterIsKnown()
    {
        var row = (await RowsAsync(Visits, "--at", "2026-11-23T09:17:00"))[0];
        // The first leg is over, the second just called; one waits, the other has not left yet.
        Assert.Equal([3, 4, 2, 1, 0, 0, 3], new[] { "tickets", "legs", "called", "served", "noShow", "abandoned", "open" }.Select(n => row.GetProperty(n).GetInt32()));
        Assert.Equal(1, row.GetProperty("wait").GetProperty("n").GetInt32());
        Assert.Equal(420, row.GetProperty("includingWaiting").GetProperty("maxSeconds").GetDouble());
    }

    [Fact]
    public async Task OffsetsCount_AndHoursAreThoseOfTheWall()
    {
        var rows = await RowsAsync("hall,number,issued,called\nh,1,2026-11-23T09:50:00+08:00,2026-11-23T02:00:00Z\n", "--by", "hour");
        Assert.Equal(("9", 600), (rows[0].GetProperty("key").GetString(), rows[0].GetProperty("wait").GetProperty("maxSeconds").GetDouble()));
    }

    [Fact]
    public async Task WithoutTheColumnStarted_ACallIsItsAnswer_AndPlainNumbersAreTheirLines()
    {
        var row = (await RowsAsync("hall,line,number,issued,called\nh,a,1,2026-11-23T09:00,2026-11-23T09:10\nh,b,1,2026-11-23T09:00,2026-11-23T09:20\nh,b,2,2026-11-23T09:00,\n"))[0];
        Assert.Equal((3, 2, 1, 2), (row.GetProperty("tickets").GetInt32(), row.GetProperty("served").GetInt32(), row.GetProperty("open").GetInt32(), row.GetProperty("wait").GetProperty("n").GetInt32()));
    }

    [Fact]
    public async Task OfNoVisits_ThereIsARowOfNothing()
    {
        var row = (await RowsAsync("\ufeffhall;issued\n"))[0];
        Assert.Equal((0, 0, JsonValueKind.Null), (row.GetProperty("legs").GetInt32(), row.GetProperty("wait").GetProperty("n").GetInt32(), row.GetProperty("wait").GetProperty("p50Seconds").ValueKind));
        Assert.Empty(await RowsAsync("hall,issued\n", "--by", "day"));
    }

    [Theory]
    [InlineData("", "FILE is empty: the first line must name the columns.")]
    [InlineData("hall,line\nh,a", "FILE has no column issued: the first line must name the columns, separated by commas (")]
    [InlineData("hall,issued,hall\nh,a,b", "FILE names the column hall twice.")]
    [InlineData("hall,issued\nh,23.11.2026 09:00", "FILE: line 2: issued must be a time like 2026-11-23T09:05:00, was \"23.11.2026 09:00\".")]
    [InlineData("hall,issued\nh,2026-11-23T09:00\n\nh,2026-02-30T09:00\nh,\n", "FILE: line 4: issued must be a time like 2026-11-23T09:05:00, was \"2026-02-30T09:00\" (and 1 more).")]
    [InlineData("hall,issued\n,2026-11-23T09:00", "FILE: line 2: hall must be given.")]
    [InlineData("hall,issued\nh,", "FILE: line 2: issued must be given, or another time: nobody knows when this was.")]
    [InlineData("hall,issued,called\nh,2026-11-23T09:00,2026-11-23T08:59", "FILE: line 2: called must not be before issued.")]
    [InlineData("hall,issued,called\nh,2026-11-23T09:00Z,2026-11-23T09:10", "FILE: line 2: called must carry an offset where the other times of its row do, and none where they do not, was \"2026-11-23T09:10\".")]
    [InlineData("hall,issued\nh,2026-11-23T09:00Z\nh,2026-11-23T09:00", "FILE: line 3: issued must carry an offset where the other rows' times do, and none where they do not.")]
    [InlineData("hall,issued,outcome\nh,2026-11-23T09:00,gone", "FILE: line 2: outcome must be one of open, void, transferred, served, withdrawn, noShow, abandoned, was \"gone\".")]
    [InlineData("hall,issued\nh,\"2026-11-23T09:00\n", "FILE is no CSV (")]
    public async Task BadFiles_AreRefusedInOneLine(string text, string line)
    {
        var file = File(text);
        var (exit, output, error) = await CommandRun.ProcessAsync("", "report", file);
        Assert.Equal((1, 1), (exit, error.Count(c => c == '\n')));
        Assert.Equal("", output);
        Assert.StartsWith($"hallops: {line.Replace("FILE", file, StringComparison.Ordinal)}", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFileInAnotherEncoding_IsRefused()
    {
        var file = Path.Combine(_folder, "gbk.csv");
        await System.IO.File.WriteAllBytesAsync(file, [.. "hall,issued\n"u8, 0xb4, 0xf3, .. ",2026-11-23T09:00\n"u8]);
        var (exit, _, error) = await CommandRun.ProcessAsync("", "report", file);
        Assert.Equal((1, $"hallops: {file} is not in UTF-8: save it as \"CSV UTF-8\".\n"), (exit, error));
    }

    [Theory]
    [InlineData("--by", "colour", "--by must be one of hall, department,")]
    [InlineData("--at", "noon", "--at must be a time like 2026-11-23T12:00:00, was \"noon\".")]
    [InlineData("--target-seconds", "-1", "--target-seconds must be a number of at least 0, was \"-1\".")]
    public async Task BadOptions_AreRefusedInOneLine(string option, string value, string line)
    {
        var (exit, _, error) = await CommandRun.ProcessAsync("", "report", File(Visits), option, value);
        Assert.Equal((1, 1), (exit, error.Count(c => c == '\n')));
        Assert.StartsWith($"hallops: {line}", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WrongUsage_EndsWithTwo()
    {
        Assert.Equal(2, (await CommandRun.ProcessAsync("", "report")).Exit);
        Assert.Equal(2, (await CommandRun.ProcessAsync("", "report", File(Visits), "--colour", "red")).Exit);
    }

    private async Task<List<JsonElement>> RowsAsync(string text, params string[] options)
    {
        var (exit, output, error) = await CommandRun.ProcessAsync("", ["report", File(text), .. options]);
        Assert.Equal((0, ""), (exit, error));
        return [.. JsonDocument.Parse(output).RootElement.EnumerateArray()];
    }

    private string File(string text)
    {
        var file = Path.Combine(_folder, "visits.csv");
        System.IO.File.WriteAllText(file, text, new UTF8Encoding(false));
        return file;
    }
}
