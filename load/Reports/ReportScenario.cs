using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using HallOps.Load.Halls;
using HallOps.Load.Measuring;
using HallOps.Load.Server;
using HallOps.Web.Storage;

namespace HallOps.Load.Reports;

/// <summary>R11 of docs/benchmarks.md: what an analyst waits for, on the real server over HTTP, with figures and legs written straight into its database.</summary>
internal static class ReportScenario
{
    private const int Year = 2025;
    private const int Legs = 1_000_000;
    private const double MostMilliseconds = 1_000;
    private const double MostOverviewMilliseconds = 50;

    // No figures of rollups: what is asked of these days is counted row by row.
    private static readonly DateOnly FirstDay = new(2023, 1, 1);

    public static async Task RunAsync(LoadOptions options, Report report)
    {
        using var folder = new TempFolder();
        var data = folder.Sub("data");
        await using var server = await ServerProcess.StartAsync(data);
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(10) };
        var provision = new Provision(http, () => server.Address, new Random(options.Seed));
        await provision.SignInAsync();
        var document = JsonNode.Parse(await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "samples/halls/rudong-town.json")))!;
        for (var i = 0; i < Town.FoshanHalls; i++)
        {
            document["hall"] = Town.Id(i).Value;
            await provision.ImportAsync(Town.Id(i).Value, Encoding.UTF8.GetBytes(document.ToJsonString()));
        }
        await using (var connection = await new SqlPlace(new DataFolder(data)).OpenFollowingAsync(CancellationToken.None))
        {
            var year = new ReportYear(connection, new Random(options.Seed));
            await year.WriteRollupsAsync(Town.FoshanHalls, Year);
            await year.WriteLegsAsync(1, FirstDay, Legs);
        }
        http.DefaultRequestHeaders.Authorization = new("Bearer", await provision.AdminTokenAsync());
        if (options.Wants("R11")) await YearAsync(options, report, http, server.Address);
        if (options.Wants("overview")) await OverviewAsync(options, report, http, server.Address);
        if (options.Wants("csv")) await CsvAsync(report, http, server);
        report.Say(FormattableString.Invariant($"the server's peak memory: {server.PeakMemoryMib:0} MiB"));
    }

    /// <summary>The waits of all halls in a year, and in one day of it.</summary>
    private static async Task YearAsync(LoadOptions options, Report report, HttpClient http, Uri address)
    {
        Task<double> YearOf() => AskAsync(http, address, $"metrics/waits?from={Year}-01-01&to={Year}-12-31");
        Task<double> DayOf() => AskAsync(http, address, $"metrics/waits?from={Year}-06-12&to={Year}-06-12");
        for (var warm = 0; warm < 5; warm++) _ = (await YearOf(), await DayOf());
        var (ours, theirs) = await Pairs.MeasureAsync(options.Pairs, YearOf, DayOf);
        report.Add(new Ratio("R11", $"the waits of a year over {Town.FoshanHalls} halls ÷ those of one day, from rollups", Bound.Most(3), new("a year", "ms", ours), new("a day", "ms", theirs)));
        report.Limit("R11, a year", Pairs.Median(ours), "ms", MostMilliseconds);
        foreach (var (what, question) in ((string, string)[])
            [("a year by month", $"from={Year}-01-01&to={Year}-12-31&by=month"), ("a year by hall", $"from={Year}-01-01&to={Year}-12-31&by=hall"), ("364 days that begin and end within months", $"from={Year}-01-02&to={Year}-12-30")])
        {
            var took = new List<double>();
            for (var i = 0; i <= options.Pairs; i++) took.Add(await AskAsync(http, address, $"metrics/waits?{question}"));
            report.Say(FormattableString.Invariant($"    {what}: {Pairs.Median(took):0} ms"));
        }
    }

    /// <summary>The figures of one hall and a day of a thousand visits, counted from its rows.</summary>
    private static async Task OverviewAsync(LoadOptions options, Report report, HttpClient http, Uri address)
    {
        var question = $"metrics/waits?halls={Town.Id(0)}&from={FirstDay.AddDays(3):O}&to={FirstDay.AddDays(3):O}&by=hour&distribution=true&targetSeconds=900";
        var took = new List<double>();
        for (var i = 0; i < 30; i++) await AskAsync(http, address, question);
        for (var i = 0; i < options.Pairs * 4; i++) took.Add(await AskAsync(http, address, question));
        report.Limit("the overview of one hall and day, warm", Pairs.Median(took), "ms", MostOverviewMilliseconds);
    }

    /// <summary>A million legs as a file, read as fast as it comes. That its memory does not grow with it a test shows (<c>LegFileTests</c>): a process takes what the collector likes beside it.</summary>
    private static async Task CsvAsync(Report report, HttpClient http, ServerProcess server)
    {
        var (began, bytes, lines, memory) = (Stopwatch.GetTimestamp(), 0L, 0L, new List<double>());
        var question = string.Create(CultureInfo.InvariantCulture, $"api/v1/legs.csv?halls={Town.Id(0)}&from={FirstDay:O}&to={FirstDay.AddDays(Legs / 1_000 - 1):O}");
        using (var answer = await http.GetAsync(new Uri(server.Address, question), HttpCompletionOption.ResponseHeadersRead))
        {
            answer.EnsureSuccessStatusCode();
            await using var stream = await answer.Content.ReadAsStreamAsync();
            var buffer = new byte[1 << 16];
            for (int read; (read = await stream.ReadAsync(buffer)) > 0; bytes += read)
            {
                lines += buffer.AsSpan(0, read).Count((byte)'\n');
                if (bytes >= memory.Count * 1_000_000L) memory.Add(server.MemoryMib);
            }
        }
        var took = Stopwatch.GetElapsedTime(began);
        if (lines != Legs + 1) report.Fail(FormattableString.Invariant($"the file has {lines:#,0} lines, not {Legs + 1:#,0}"));
        report.Say(FormattableString.Invariant($"legs.csv: {Legs:#,0} legs, {bytes / 1e6:0} MB in {took.TotalSeconds:0.0} s"));
        report.Say($"    the server's memory by tenths of the file: {string.Join(' ', Enumerable.Range(0, 10).Select(t => memory[t * memory.Count / 10].ToString("0", CultureInfo.InvariantCulture)))} MiB");
    }

    /// <returns>Milliseconds until the whole answer was there.</returns>
    private static async Task<double> AskAsync(HttpClient http, Uri address, string question)
    {
        var began = Stopwatch.GetTimestamp();
        using var answer = await http.GetAsync(new Uri(address, $"api/v1/{question}"));
        var body = await answer.Content.ReadAsStringAsync();
        var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{question}: {body}");
        if (JsonNode.Parse(body) is not JsonArray { Count: > 0 }) throw new InvalidOperationException($"{question} has no rows: {body}");
        return took;
    }
}
