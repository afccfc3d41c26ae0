using HallOps.Core.Foresight;
using HallOps.Core.Halls;
using static HallOps.Core.Tests.Halls.SampleHall;

namespace HallOps.Core.Tests.Foresight;

/// <summary>What is told of a line, and of one of its services: with the factor they must say the same.</summary>
public sealed class PlainEstimateTests
{
    // The deed takes 12 minutes; the permit of the same line says nothing.
    private static readonly string Document = With("\"line\": \"a\", \"kind\": \"immediate\", \"identity\": \"required\"", "\"line\": \"a\", \"kind\": \"immediate\", \"expectedMinutes\": 12");

    [Theory]
    [InlineData("a", 9.0)]
    [InlineData("b", null)]
    public void MeanMinutes_IsOfTheServicesThatGiveSome(string line, double? mean) => Assert.Equal(mean, PlainEstimate.MeanMinutes(Settings, new LineId(line)));

    [Theory]
    [InlineData("card", 6 / 9.0)]
    [InlineData("deed", 12 / 9.0)]
    // Five are assumed, of a service and of a line.
    [InlineData("permit", 5 / 9.0)]
    [InlineData("water", 1.0)]
    public void Pace_TimesTheLinesEstimate_IsTheServices(string service, double pace)
    {
        var of = Settings.ServiceById[new ServiceId(service)];
        Assert.Equal(pace, PlainEstimate.Pace(Settings, of), 12);
        var line = PlainEstimate.For(ahead: 2, PlainEstimate.MeanMinutes(Settings, of.Line), openWindows: 1)!.Value;
        var told = PlainEstimate.For(ahead: 2, of.ExpectedMinutes, openWindows: 1)!.Value;
        Assert.Equal(told, new Estimate(Of(line.LowSeconds), Of(line.MedianSeconds), Of(line.HighSeconds)));

        int Of(int seconds) => (int)Math.Round(seconds * pace);
    }

    private static HallSettings Settings { get; } = HallDocument.Read(System.Text.Encoding.UTF8.GetBytes(Document)).Settings!;
}
