using System.Text.Json;
using HallOps.Web.Tests.Door;
using HallOps.Web.Tests.Reports.Recomputed;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Reports;

/// <summary>Two periods beside each other, and what is said of them where they are no equals.</summary>
public sealed class ComparisonTests
{
    [Theory]
    [InlineData("from=2026-10-01&to=2026-10-31&compare=2026-08-01..2026-08-31")]
    [InlineData("from=2026-10-01&to=2026-10-31&compare=2026-09-01..2026-09-30", "31 天", "30 天")]
    [InlineData("from=2026-11-20&to=2026-11-26&compare=2026-11-13..2026-11-19", "前者含还没有过完的日子（从 2026-11-24 起）")]
    [InlineData("from=2026-11-30&to=2026-11-30&compare=2026-11-24..2026-11-24")]
    [InlineData("from=2026-11-17&to=2026-11-17&compare=2026-11-24..2026-11-25", "后者 2 天", "后者含还没有过完的日子（从 2026-11-24 起）")]
    [InlineData("from=2026-11-24&to=2026-11-24&compareHalls=o")]
    public async Task Periods_ThatAreNoEquals_AreSaidToBe(string question, params string[] says)
    {
        await using var host = await ServerHost.StartAsync(services => services.AddSingleton<TimeProvider>(new StandingTime(new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.FromHours(8)))));
        using var admin = host.As("admin@*");
        var row = (await admin.GetAsync(new Uri($"/api/v1/metrics/waits?halls=h&{question}", UriKind.Relative), TestContext.Current.CancellationToken).JsonAsync())[0].GetProperty("compared");
        if (says.Length == 0) Assert.False(row.TryGetProperty("notes", out _));
        else
        {
            var notes = row.GetProperty("notes").EnumerateArray().ToList();
            var all = string.Join(' ', notes.Select(n => n.GetProperty("zh").GetString()));
            Assert.All(says, part => Assert.Contains(part, all, StringComparison.Ordinal));
            Assert.All(notes, n => Assert.NotEmpty(n.GetProperty("en").GetString()!));
        }
    }
}
