package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	awsv1 "github.com/aws/karpenter-provider-aws/pkg/apis/v1"
	"github.com/aws/karpenter-provider-aws/pkg/providers/amifamily"
	"github.com/aws/karpenter-provider-aws/pkg/providers/instancetype"
	"github.com/aws/karpenter-provider-aws/pkg/providers/pricing"
	"github.com/samber/lo"
	corev1 "k8s.io/api/core/v1"
	karpv1 "sigs.k8s.io/karpenter/pkg/apis/v1"
	"sigs.k8s.io/karpenter/pkg/cloudprovider"
	"sigs.k8s.io/karpenter/pkg/scheduling"
)

// The only region whose prices the AWS provider carries with it. They order the types; nothing here is billed.
const pricedRegion = "us-east-1"

// Spot beside on-demand, as in sigs.k8s.io/karpenter kwok/tools/gen_instance_types.go.
const spotShare = 0.7

// answers are EC2's of one region: DescribeInstanceTypes, and of DescribeInstanceTypeOfferings the zones of each type.
type answers struct {
	Region string                      `json:"region"`
	Types  []ec2types.InstanceTypeInfo `json:"types"`
	Zones  map[string][]string         `json:"zones"`
}

// catalog is what can be launched. It is read again whenever its file is another one, and worked out anew only then or
// for another class.
type catalog struct {
	file string

	lock     sync.Mutex
	read     time.Time
	answers  answers
	resolver *instancetype.DefaultResolver
	resolved map[string][]*cloudprovider.InstanceType
}

// of returns the types for nodes of a class, reckoned by the AWS provider itself: labels, capacity and overhead.
func (c *catalog) of(ctx context.Context, class *awsv1.EC2NodeClass) ([]*cloudprovider.InstanceType, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if err := c.refresh(); err != nil {
		return nil, err
	}
	key := fmt.Sprint(c.resolver.CacheKey(class), class.Status.Subnets, class.Status.AMIs)
	if _, ok := c.resolved[key]; !ok {
		c.resolved[key] = c.resolve(ctx, class)
	}
	return c.resolved[key], nil
}

func (c *catalog) refresh() error {
	info, err := os.Stat(c.file)
	if err != nil {
		return fmt.Errorf("looking at the catalog, %w", err)
	}
	if info.ModTime().Equal(c.read) {
		return nil
	}
	text, err := os.ReadFile(c.file)
	if err != nil {
		return fmt.Errorf("reading the catalog, %w", err)
	}
	fresh := answers{}
	if err := json.Unmarshal(text, &fresh); err != nil {
		return fmt.Errorf("reading the catalog %s, %w", c.file, err)
	}
	c.answers, c.read, c.resolved = fresh, info.ModTime(), map[string][]*cloudprovider.InstanceType{}
	c.resolver = instancetype.NewDefaultResolver(fresh.Region)
	return nil
}

func (c *catalog) resolve(ctx context.Context, class *awsv1.EC2NodeClass) []*cloudprovider.InstanceType {
	types := lo.Map(c.answers.Types, func(info ec2types.InstanceTypeInfo, _ int) *cloudprovider.InstanceType {
		it := c.resolver.Resolve(ctx, info, c.answers.Zones[string(info.InstanceType)], class)
		it.Offerings = offerings(it, class)
		return it
	})
	// A type for which the class has no image, such as one of another architecture, can't be launched.
	return lo.Uniq(lo.Flatten(lo.Values(amifamily.MapToInstanceTypes(types, class.Status.AMIs))))
}

func offerings(it *cloudprovider.InstanceType, class *awsv1.EC2NodeClass) cloudprovider.Offerings {
	price, priced := pricing.InitialOnDemandPricesAWS[pricedRegion][ec2types.InstanceType(it.Name)]
	zones := it.Requirements.Get(corev1.LabelTopologyZone)
	made := cloudprovider.Offerings{}
	for _, zone := range class.ZoneInfo() {
		for _, capacity := range it.Requirements.Get(karpv1.CapacityTypeLabelKey).Values() {
			made = append(made, &cloudprovider.Offering{
				Requirements: scheduling.NewRequirements(
					scheduling.NewRequirement(karpv1.CapacityTypeLabelKey, corev1.NodeSelectorOpIn, capacity),
					scheduling.NewRequirement(corev1.LabelTopologyZone, corev1.NodeSelectorOpIn, zone.Zone),
					scheduling.NewRequirement(awsv1.LabelTopologyZoneID, corev1.NodeSelectorOpIn, zone.ZoneID),
					scheduling.NewRequirement(cloudprovider.ReservationIDLabel, corev1.NodeSelectorOpDoesNotExist),
					scheduling.NewRequirement(awsv1.LabelCapacityReservationType, corev1.NodeSelectorOpDoesNotExist),
					scheduling.NewRequirement(awsv1.LabelCapacityReservationInterruptible, corev1.NodeSelectorOpDoesNotExist),
				),
				Price: price * lo.Ternary(capacity == karpv1.CapacityTypeSpot, spotShare, 1),
				// As in the AWS provider, what has no price can't be had.
				Available: priced && zones.Has(zone.Zone),
			})
		}
	}
	return made
}
