using HallOps.Core.Halls;

namespace HallOps.Core.Tests.Halls;

public sealed class HallDocumentSamplesTests
{
    public static TheoryData<string> Samples => [.. Directory.EnumerateFiles(SampleFiles.Halls, "*.json").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    [Fact]
    public void Samples_AreFiveHalls() =>
        Assert.Equal(["huangpu-street.json", "jiangyong-county.json", "rudong-community.json", "rudong-town.json", "rudong-village.json"], Samples.Select(s => s.Data));

    [Theory]
    [MemberData(nameof(Samples))]
    public void Read_OfASample_HasNoProblem(string file)
    {
        var reading = HallDocument.Read(SampleFiles.Hall(file));

        Assert.Empty(reading.Problems);
        Assert.NotNull(reading.Settings);
        Assert.Equal(Path.GetFileNameWithoutExtension(file), reading.Settings.Hall.Value);
        Assert.All(reading.Warnings, w => Assert.Contains("statutory", w, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Sample_IsBilingualThroughout(string file)
    {
        var hall = HallDocument.Read(SampleFiles.Hall(file)).Settings!;

        IEnumerable<Text?> texts =
        [
            hall.Name, hall.Slogan, .. hall.Region, .. hall.Departments.Select(d => d.Name), .. hall.Classes.Select(c => c.Name), .. hall.Zones.Select(z => z.Name),
            .. hall.Lines.Select(l => l.Name), .. hall.Services.Select(s => s.Name), .. hall.Services.Select(s => s.Fee), .. hall.Services.SelectMany(s => s.Materials),
            .. hall.Windows.Select(w => w.Name), .. hall.Staff.Select(s => s.Name), .. hall.Notices.Select(n => n.Text),
        ];
        Assert.All(texts.Where(t => t is not null), t => Assert.False(string.IsNullOrEmpty(t!.En), $"{t.Zh} has no English"));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Sample_HasDemandForEveryLineAndService(string file)
    {
        var hall = HallDocument.Read(SampleFiles.Hall(file)).Settings!;
        using var demand = System.Text.Json.JsonDocument.Parse(SampleFiles.Read("demand", file));

        Assert.Equal(hall.Hall.Value, demand.RootElement.GetProperty("hall").GetString());
        Assert.Equal(hall.Lines.Select(l => l.Line.Value).Order(StringComparer.Ordinal),
            demand.RootElement.GetProperty("arrivalsPerDay").EnumerateObject().Select(l => l.Name).Order(StringComparer.Ordinal));
        Assert.Equal(hall.Services.Select(s => s.Service.Value).Order(StringComparer.Ordinal),
            demand.RootElement.GetProperty("services").EnumerateObject().Select(s => s.Name).Order(StringComparer.Ordinal));
        Assert.Equal(1, demand.RootElement.GetProperty("hourShare").EnumerateObject().Sum(h => h.Value.GetDouble()), 6);
    }

    [Fact]
    public void Services_OfOneCode_AreTheSameInAllSamples()
    {
        var services = Samples.SelectMany(f => HallDocument.Read(SampleFiles.Hall(f.Data)).Settings!.Services).ToList();

        Assert.All(services.GroupBy(s => s.Code), same => Assert.Single(same.Select(s => (s.Name, s.Kind, s.StatutoryDays)).Distinct()));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Minify_KeepsTheSettings(string file)
    {
        var bytes = SampleFiles.Hall(file);
        var small = HallDocument.Minify(bytes);

        Assert.True(small.Length < bytes.Length);
        Assert.DoesNotContain((byte)'\n', small);
        Assert.Equal(SettingsText.Of(HallDocument.Read(bytes).Settings!), SettingsText.Of(HallDocument.Read(small).Settings!));
        Assert.Equal(small, HallDocument.Minify(small));
    }

    [Fact]
    public void Arrivals_AreOneDayInTenMinuteSlots()
    {
        var rows = System.Text.Encoding.UTF8.GetString(SampleFiles.Read("warsaw", "arrivals.csv")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(r => r.Split(',')).ToList();

        Assert.Equal(Enumerable.Range(0, 48).Select(i => $"{8 + (i / 6):00}:{i % 6 * 10:00}"), rows.Select(r => r[0]));
        Assert.Equal(1, rows.Sum(r => double.Parse(r[1], System.Globalization.CultureInfo.InvariantCulture)), 3);
    }
}
